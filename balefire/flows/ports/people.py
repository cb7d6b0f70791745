"""People: who may, what they did, who looks at what, and when they practise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from balefire.domain.access import EVERYWHERE, ApiKey, Reach, Session, User
from balefire.domain.audit import Act, Entry, Head
from balefire.domain.drill import Drill
from balefire.domain.presence import Onlooker
from balefire.domain.units import Unit


class People(Protocol):
    def add_key(self, key: ApiKey) -> None: ...

    def key(self, key_id: str) -> ApiKey | None: ...

    def keys(self, within: Reach = EVERYWHERE) -> list[ApiKey]: ...

    def revoke_key(self, key_id: str, at: datetime) -> None:
        """Raises NotFound."""

    def add_user(self, user: User) -> None:
        """Raises Conflict where the name is taken."""

    def user(self, name: str) -> User | None: ...

    def users(self, within: Reach = EVERYWHERE) -> list[User]: ...

    def save_user(self, user: User) -> None: ...

    def add_session(self, session: Session) -> None: ...

    def session(self, token_sha256: str) -> Session | None: ...

    def end_session(self, token_sha256: str) -> bool:
        """Whether there was one: of two uses of a one-time link only one gets True."""

    def end_sessions_of(self, user: str) -> int: ...

    def purge_sessions(self, now: datetime) -> int: ...


class Units(Protocol):
    def lock(self) -> None:
        """Serialise changes of the tree until the transaction ends."""

    def add_all(self, new: Sequence[Unit]) -> None:
        """Each after its parent. Raises Conflict where a code is taken."""

    def save(self, unit: Unit) -> None:
        """Replace. Raises UnknownUnit, Conflict."""

    def get(self, named: str, within: Reach = EVERYWHERE) -> Unit:
        """By id or by code. Raises UnknownUnit, also where `within` does not reach it."""

    def page(self, within: Reach = EVERYWHERE, after: str | None = None, limit: int | None = None) -> list[Unit]:
        """By code. `after`: a code."""

    def is_below(self, unit_id: str, top: str) -> bool:
        """Whether `unit_id` is `top` or stands somewhere below it."""

    def camera_counts(self) -> dict[str, int]:
        """Cameras of each unit itself, by its id; units without any are left out."""


class Audit(Protocol):
    """Entries become visible in the order of their numbers; nothing changes or removes one."""

    def add(self, act: Act) -> None: ...

    def head(self) -> Head: ...

    def page(self, before: int | None = None, limit: int = 50, what: str | None = None) -> list[Entry]:
        """Newest first. `before`: a number."""

    def all(self) -> Iterator[Entry]:
        """By number, read page by page."""


class Drills(Protocol):
    def lock(self) -> None:
        """Two that start at once take turns."""

    def add(self, drill: Drill) -> None: ...

    def end(self, drill_id: str, at: datetime, by: str) -> None: ...

    def newest(self) -> list[Drill]:
        """Newest first, at most 1,000."""


class Presence(Protocol):
    """Who has which event open right now."""

    def beat(self, event: str, seat: str, name: str, now: datetime) -> None: ...

    def leave(self, event: str, seat: str, name: str) -> None: ...

    def of(self, event: str, seen_after: datetime) -> list[Onlooker]:
        """First come first."""

    def forget(self, seen_before: datetime) -> None: ...
