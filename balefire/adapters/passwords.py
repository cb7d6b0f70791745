"""argon2id for passwords. Slow on purpose: call it in a thread, never on the event loop."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Whether `password` made this hash. An empty hash (no such user, or links only) is never right, and as slow."""
    try:
        _hasher.verify(password_hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


@cache
def _nobody() -> str:
    return _hasher.hash("no user has this password, but checking it takes as long")
