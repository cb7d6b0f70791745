"""Who is asking, and what they reach: keys, sessions, one-time links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from balefire.domain.access import HOUSE, ROLE_SCOPES, Principal, Session, matches, new_token, parse_key, sha256
from balefire.domain.errors import BadInput, NotFound, UnknownCamera, UnknownEvent
from balefire.domain.event import Event
from balefire.flows.audit import record
from balefire.flows.ports import Database, Work

SESSION = timedelta(hours=12)  # a long shift
LINK = timedelta(minutes=15)


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
    return Principal(f"key {key.name}", key.scopes, key.camera, key.unit, key.id)


def session_principal(database: Database, token: str, now: datetime) -> Principal | None:
    """Who sits behind this session cookie; None where it has ended."""
    with database.read() as work:
        session = work.people.session(sha256(token))
        user = work.people.user(session.user) if session else None
    if session is None or user is None or user.disabled_at or session.one_time or session.expires_at <= now:
        return None
    return Principal(user.name, ROLE_SCOPES[user.role], None, user.unit)


def sign_in(database: Database, now: datetime, name: str, password: str, verify: Callable[[str, str], bool]) -> str | None:
    """A session token for the right password, else None. `verify(hash, password)` is slow on purpose: call in a thread.

    An unknown name costs as much time as a wrong password. Only names of users are written down: people type passwords there.
    """
    with database.read() as work:
        user = work.people.user(name)
    right = verify(user.password_hash if user else "", password)
    if user is None:
        return None
    if not right or user.disabled_at:
        with database.begin() as work:
            record(work, now, user.name, "sign_in.refused", user.name)
        return None
    return _start_session(database, now, user.name, "password")


def one_time_link(database: Database, now: datetime, name: str, by: Principal = HOUSE) -> str:
    """A token that signs `name` in once, within 15 minutes. Raises NotFound for whoever may not sign in."""
    token = new_token()
    with database.begin() as work:
        user = work.people.user(name)
        if user is None or user.disabled_at:
            raise NotFound(f"no user {name}")
        work.people.add_session(Session(sha256(token), name, now + LINK, one_time=True))
        record(work, now, by.signature, "user.link", name)
    return token


def redeem_link(database: Database, now: datetime, token: str) -> str | None:
    """A session token for a link that was not used yet, else None."""
    digest = sha256(token)
    with database.begin() as work:
        link = work.people.session(digest)
        if link is None or not link.one_time or link.expires_at <= now or not work.people.end_session(digest):
            return None
        user = work.people.user(link.user)
        if user is None or user.disabled_at:
            return None
    return _start_session(database, now, link.user, "link")


def sign_out(database: Database, now: datetime, token: str) -> None:
    digest = sha256(token)
    with database.begin() as work:
        session = work.people.session(digest)
        if session is not None and work.people.end_session(digest):
            record(work, now, session.user, "sign_out", session.user)


def require_camera(work: Work, principal: Principal, camera: str) -> None:
    """Raises UnknownCamera: whoever reaches a part is not told what else exists. Costs a query only where a unit narrows."""
    if principal.unit is None:
        reached = principal.camera in (None, camera)
    else:
        reached = camera in work.cameras.reached([camera], principal.reach)
    if not reached:
        raise UnknownCamera(f"no camera {camera}")


def require_event(work: Work, principal: Principal, event: Event) -> None:
    """Raises UnknownEvent, in the words in which an event that does not exist is unknown."""
    try:
        require_camera(work, principal, event.camera)
    except UnknownCamera as error:
        raise UnknownEvent(f"no event {event.id}") from error


def _start_session(database: Database, now: datetime, user: str, way: str) -> str:
    token = new_token()
    with database.begin() as work:
        work.people.add_session(Session(sha256(token), user, now + SESSION))
        record(work, now, user, "sign_in", user, after={"by": way})
    return token
