"""A remembered key is looked up again after its second, and forgotten at once where it is revoked."""

from __future__ import annotations

import pytest

from balefire.domain.access import Principal, Scope
from serving import key_ring
from serving.key_ring import KeyRing

KEEPER = Principal("key mast", frozenset({Scope.FRAMES}))


def test_a_key_is_remembered_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("serving.key_ring.time.monotonic", lambda: now)
    ring = KeyRing()
    assert ring.holder("bf_1_x") is None
    ring.remember("bf_1_x", KEEPER)
    now = 100.9
    assert ring.holder("bf_1_x") == KEEPER
    now = 101.1
    assert ring.holder("bf_1_x") is None


def test_a_revoked_key_is_forgotten() -> None:
    ring = KeyRing()
    ring.remember("bf_1_x", KEEPER)
    ring.forget()
    assert ring.holder("bf_1_x") is None


def test_it_does_not_grow_for_ever() -> None:
    ring = KeyRing()
    for number in range(key_ring.MOST + 5):
        ring.remember(f"bf_{number}_x", KEEPER)
    assert len(ring.found) <= key_ring.MOST
