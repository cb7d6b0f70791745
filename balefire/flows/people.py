"""Keys and users: made, changed and ended by whoever reaches them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ulid import ULID

from balefire.domain.access import HOUSE, ApiKey, Principal, Role, Scope, User, key_text, new_token, sha256
from balefire.domain.errors import BadInput, NotFound, OutOfReach
from balefire.flows import wire
from balefire.flows.access import require_camera
from balefire.flows.audit import record, record_change
from balefire.flows.ports import Database, Work
from balefire.flows.units import resolve

RESERVED = ("key ", HOUSE.name)  # how the audit log names those who are no people


def create_key(
    database: Database, now: datetime, name: str, scopes: Iterable[Scope],
    camera: str | None = None, unit: str | None = None, by: Principal = HOUSE,
) -> str:  # fmt: skip
    """A new key, as its owner holds it: shown once, stored as a hash. It never reaches further than `by`.

    unit: an id or a code. Raises UnknownCamera, BadInput.
    """
    key_id, secret = str(ULID()), new_token()
    with database.begin() as work:
        camera = camera or by.camera
        if camera is not None:
            require_camera(work, by, camera)
            work.cameras.get(camera)
        unit = resolve(work, unit, by) if unit else by.unit
        key = ApiKey(key_id, name, sha256(secret), frozenset(scopes), now, camera, unit)
        work.people.add_key(key)
        record(work, now, by.signature, "key.create", key_id, after=wire.key(key))
    return key_text(key_id, secret)


def revoke_key(database: Database, now: datetime, key_id: str, by: Principal = HOUSE) -> None:
    """Raises NotFound, also for a key that `by` does not reach."""
    with database.begin() as work:
        if not any(key.id == key_id for key in work.people.keys(by.reach)):
            raise NotFound(f"no key {key_id}")
        work.people.revoke_key(key_id, now)
        record(work, now, by.signature, "key.revoke", key_id)


def add_user(
    database: Database, now: datetime, name: str, role: Role, password_hash: str = "", unit: str | None = None,
    by: Principal = HOUSE,
) -> User:  # fmt: skip
    """unit: an id or a code; None: that of `by`. Raises Conflict where the name is taken, BadInput, OutOfReach."""
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise BadInput("a user's name has 1 to 100 printable characters")
    if name.startswith(RESERVED):
        raise BadInput(f"a user's name does not begin with {' or '.join(repr(word) for word in RESERVED)}")
    with database.begin() as work:
        user = User(str(ULID()), name, role, now, password_hash, _unit(work, unit or by.unit, by))
        work.people.add_user(user)
        record(work, now, by.signature, "user.add", name, after=wire.user(user))
    return user


def change_user(
    database: Database, now: datetime, name: str, by: Principal = HOUSE, *,
    role: Role | None = None, unit: str | None = None, whole_house: bool = False, password_hash: str | None = None,
    disabled: bool | None = None,
) -> User:  # fmt: skip
    """What is None stays; whole_house: no unit from now on. A new password or a disabled user ends all their sessions.

    Raises NotFound, also for a user that `by` does not reach, BadInput, OutOfReach.
    """
    with database.begin() as work:
        before = _user_within(work, name, by)
        after = replace(before, role=role or before.role, password_hash=password_hash or before.password_hash)
        if unit is not None or whole_house:
            after = replace(after, unit=_unit(work, unit, by))
        if disabled is not None:
            after = replace(after, disabled_at=(before.disabled_at or now) if disabled else None)
        work.people.save_user(after)
        if password_hash is not None or after.disabled_at:
            work.people.end_sessions_of(name)
        record_change(work, now, by.signature, "user.change", name, wire.user(before), wire.user(after))
        if password_hash is not None:
            record(work, now, by.signature, "user.password", name)
    return after


def _user_within(work: Work, name: str, by: Principal) -> User:
    user = work.people.user(name)
    if user is None or not any(known.id == user.id for known in work.people.users(by.reach)):
        raise NotFound(f"no user {name}")
    return user


def _unit(work: Work, named: str | None, by: Principal) -> str | None:
    """Raises OutOfReach where somebody of a part would let others reach the whole house."""
    if named is None or by.camera is not None:
        if by.reach.everywhere:
            return None
        raise OutOfReach("only an administrator of the whole house gives a user the whole house")
    return resolve(work, named, by)
