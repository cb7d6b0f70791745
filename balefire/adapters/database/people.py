"""Keys, users, sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from balefire.adapters.database.reach import reaches_key, reaches_user
from balefire.adapters.database.tables import keys, sessions, users
from balefire.domain.access import EVERYWHERE, ApiKey, Reach, Role, Scope, Session, User
from balefire.domain.errors import Conflict, NotFound


class SqlPeople:
    """Implements `ports.People`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_key(self, key: ApiKey) -> None:
        values = {name: getattr(key, name) for name in ApiKey.__slots__}
        self._connection.execute(insert(keys).values({**values, "scopes": " ".join(sorted(key.scopes))}))

    def key(self, key_id: str) -> ApiKey | None:
        row = self._connection.execute(select(keys).where(keys.c.id == key_id)).first()
        return _key(dict(row._mapping)) if row else None

    def keys(self, within: Reach = EVERYWHERE) -> list[ApiKey]:
        query = select(keys).where(reaches_key(within)).order_by(keys.c.id)
        return [_key(dict(row._mapping)) for row in self._connection.execute(query)]

    def revoke_key(self, key_id: str, at: datetime) -> None:
        done = self._connection.execute(update(keys).where(keys.c.id == key_id).values(revoked_at=at))
        if done.rowcount == 0:
            raise NotFound(f"no key {key_id}")

    def add_user(self, user: User) -> None:
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(users).values({name: getattr(user, name) for name in User.__slots__}))
        except IntegrityError as error:
            raise Conflict(f"there is a user {user.name} already") from error

    def user(self, name: str) -> User | None:
        row = self._connection.execute(select(users).where(users.c.name == name)).first()
        return _user(dict(row._mapping)) if row else None

    def users(self, within: Reach = EVERYWHERE) -> list[User]:
        query = select(users).where(reaches_user(within)).order_by(users.c.name)
        return [_user(dict(row._mapping)) for row in self._connection.execute(query)]

    def save_user(self, user: User) -> None:
        values = {name: getattr(user, name) for name in User.__slots__}
        self._connection.execute(update(users).where(users.c.id == user.id).values(values))

    def add_session(self, session: Session) -> None:
        values = {name: getattr(session, name) for name in Session.__slots__}
        self._connection.execute(insert(sessions).values(values))

    def session(self, token_sha256: str) -> Session | None:
        row = self._connection.execute(select(sessions).where(sessions.c.token_sha256 == token_sha256)).first()
        return Session(**row._mapping) if row else None

    def end_session(self, token_sha256: str) -> bool:
        done = self._connection.execute(delete(sessions).where(sessions.c.token_sha256 == token_sha256))
        return done.rowcount == 1

    def end_sessions_of(self, user: str) -> int:
        return self._connection.execute(delete(sessions).where(sessions.c.user == user)).rowcount

    def purge_sessions(self, now: datetime) -> int:
        return self._connection.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount


def _key(values: dict[str, str]) -> ApiKey:
    return ApiKey(**{**values, "scopes": frozenset(Scope(one) for one in values["scopes"].split())})  # type: ignore[arg-type]


def _user(values: dict[str, str]) -> User:
    return User(**{**values, "role": Role(values["role"])})  # type: ignore[arg-type]
