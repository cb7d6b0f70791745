"""Passwords and the clock."""

from __future__ import annotations

from datetime import UTC

import pytest

from balefire.adapters.clock import SystemClock
from balefire.adapters.passwords import hash_password, verify_password


@pytest.mark.parametrize("password", ["a long enough password", "烽火连三月", "x" * 500])
def test_only_the_password_opens(password: str) -> None:
    stored = hash_password(password)
    assert stored.startswith("$argon2id$")
    assert password not in stored
    assert verify_password(stored, password)
    assert not verify_password(stored, password + " ")
    assert hash_password(password) != stored  # salted


@pytest.mark.parametrize("stored", ["", "not a hash", "$argon2id$v=19$m=65536"])
def test_what_is_no_hash_opens_for_nobody(stored: str) -> None:
    assert not verify_password(stored, "")
    assert not verify_password(stored, "no user has this password, but checking it takes as long")


def test_the_clock_is_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
