"""Who is asking: keys, sessions, one-time links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from ulid import ULID

from balefire.domain.access import (
    ROLE_SCOPES,
    ApiKey,
    Principal,
    Role,
    Scope,
    Session,
    User,
    key_text,
    matches,
    new_token,
    parse_key,
    sha256,
)  # fmt: skip
from balefire.domain.errors import BadInput, UnknownCamera
from balefire.flows.ports import Database

SESSION = timedelta(hours=12)  # a long shift
LINK = timedelta(minutes=15)


def create_key(
    database: Database, now: datetime, name: str, scopes: Iterable[Scope], camera: str | None = None, unit: str | None = None
) -> str:
    """A new key, as its owner holds it: shown once, stored as a hash. Raises UnknownCamera."""
    key_id, secret = str(ULID()), new_token()
    with database.begin() as work:
        if camera is not None:
            work.cameras.get(camera)
        work.people.add_key(ApiKey(key_id, name, sha256(secret), frozenset(scopes), now, camera, unit))
    return key_text(key_id, secret)


def key_principal(database: Database, text: str) -> Principal | None:
    """Who holds this key; None where it opens nothing."""
    try:
        key_id, secret = parse_key(text)
    except BadInput:
        return None
    with database.read() as work:
        key = work.people.key(key_id)
    if key is None or not matches(key, secret):
        return None
    return Principal(f"key {key.name}", key.scopes, key.camera, key.unit)


def session_principal(database: Database, token: str, now: datetime) -> Principal | None:
    """Who sits behind this session cookie; None where it has ended."""
    with database.read() as work:
        session = work.people.session(sha256(token))
        user = work.people.user(session.user) if session else None
    if session is None or user is None or session.one_time or session.expires_at <= now:
        return None
    return Principal(user.name, ROLE_SCOPES[user.role], None, user.unit)


def add_user(database: Database, now: datetime, name: str, role: Role, password_hash: str = "") -> None:
    """Raises Conflict where the name is taken, BadInput where it is empty."""
    if not name.strip() or len(name) > 100:
        raise BadInput("a user's name has 1 to 100 characters")
    with database.begin() as work:
        work.people.add_user(User(str(ULID()), name, role, now, password_hash))


def sign_in(database: Database, now: datetime, name: str, password: str, verify: Callable[[str, str], bool]) -> str | None:
    """A session token for the right password, else None. `verify(hash, password)` is slow on purpose: call in a thread.

    An unknown name costs as much time as a wrong password.
    """
    with database.read() as work:
        user = work.people.user(name)
    if not verify(user.password_hash if user else "", password) or user is None:
        return None
    return _start_session(database, now, user.name)


def one_time_link(database: Database, now: datetime, name: str) -> str:
    """A token that signs `name` in once, within 15 minutes."""
    token = new_token()
    with database.begin() as work:
        work.people.add_session(Session(sha256(token), name, now + LINK, one_time=True))
    return token


def redeem_link(database: Database, now: datetime, token: str) -> str | None:
    """A session token for a link that was not used yet, else None."""
    digest = sha256(token)
    with database.begin() as work:
        link = work.people.session(digest)
        if link is None or not link.one_time or link.expires_at <= now or not work.people.end_session(digest):
            return None
    return _start_session(database, now, link.user)


def sign_out(database: Database, token: str) -> None:
    with database.begin() as work:
        work.people.end_session(sha256(token))


def _start_session(database: Database, now: datetime, user: str) -> str:
    token = new_token()
    with database.begin() as work:
        work.people.add_session(Session(sha256(token), user, now + SESSION))
    return token


def reaches(principal: Principal, camera: str) -> bool:
    """Whether this principal may act on `camera`."""
    return principal.camera is None or principal.camera == camera


def require_camera(principal: Principal, camera: str) -> None:
    """Raises UnknownCamera: a key of one camera is not told which others exist."""
    if not reaches(principal, camera):
        raise UnknownCamera(f"no camera {camera} for this key")
