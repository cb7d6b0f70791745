"""Who may do what: scopes, roles, and the principal that a key or a session stands for."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from balefire.domain.errors import BadInput


class Scope(StrEnum):
    FRAMES = "frames"
    READ = "read"
    REVIEW = "review"
    COMMAND = "command"
    REPORT = "report"
    TRAIN = "train"
    ADMIN = "admin"


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    COMMANDER = "commander"
    ENGINEER = "engineer"
    ADMIN = "admin"


ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.OPERATOR: frozenset({Scope.READ, Scope.REVIEW}),
    Role.COMMANDER: frozenset({Scope.READ, Scope.REVIEW, Scope.COMMAND}),
    Role.ENGINEER: frozenset({Scope.READ, Scope.TRAIN}),
    Role.ADMIN: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """The part of the house that somebody acts on: one camera, a unit with all below it, or both. None: no narrowing."""

    camera: str | None = None
    unit: str | None = None

    @property
    def everywhere(self) -> bool:
        return self.camera is None and self.unit is None


EVERYWHERE = Reach()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `camera` and `unit` narrow what they reach; None: no narrowing. `id`: of the key, where it is one."""

    name: str
    scopes: frozenset[Scope]
    camera: str | None = None
    unit: str | None = None
    id: str = ""

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    @property
    def reach(self) -> Reach:
        return Reach(self.camera, self.unit)

    @property
    def signature(self) -> str:
        """As the audit log names them: two keys may have one name."""
        return f"{self.name} ({self.id})" if self.id else self.name


# Whoever sits at the machine itself: its command line, its first start.
HOUSE = Principal("balefire", frozenset(Scope))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored: the secret only as SHA-256. It has 256 bits, so a slow hash would add nothing."""

    id: str
    name: str
    secret_sha256: str
    scopes: frozenset[Scope]
    created_at: datetime
    camera: str | None = None
    unit: str | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class User:
    """`password_hash` is argon2id; empty: this user signs in by one-time link only. Disabled: not at all."""

    id: str
    name: str
    role: Role
    created_at: datetime
    password_hash: str = ""
    unit: str | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A console session, or a one-time sign-in link: found by the SHA-256 of its token."""

    token_sha256: str
    user: str
    expires_at: datetime
    one_time: bool = False


def new_token() -> str:
    """43 characters, 256 random bits."""
    return secrets.token_urlsafe(32)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def key_text(key_id: str, secret: str) -> str:
    """The key as its owner holds it: `bf_<id>_<secret>`."""
    return f"bf_{key_id}_{secret}"


def parse_key(text: str) -> tuple[str, str]:
    """The id and the secret of a key. Raises BadInput where it does not look like one."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != "bf" or not key_id or len(secret) != 43:
        raise BadInput("a key looks like bf_<id>_<43 characters>")
    return key_id, secret


def matches(key: ApiKey, secret: str) -> bool:
    """Whether `secret` opens `key`, compared in constant time; a revoked key never does."""
    return hmac.compare_digest(key.secret_sha256, sha256(secret)) and key.revoked_at is None
