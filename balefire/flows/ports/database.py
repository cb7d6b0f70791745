"""The database: transactions over everything that is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from balefire.domain.notification import DispatchState, Draft, Notification, Settled
from balefire.flows.ports.events import Changes, Events, Queue, Reviews, Views
from balefire.flows.ports.fleet import Cameras, Frames, Health
from balefire.flows.ports.people import Audit, Drills, People, Presence, Units


class Outbox(Protocol):
    """What is still to be told to the outside, a row for each message and channel, committed with the change itself."""

    @property
    def channels(self) -> Sequence[str]:
        """Who is told of everything, as the settings say."""

    def add(self, draft: Draft, channels: Sequence[str] | None = None) -> int:
        """A row for each channel (None: all) that does not hold this key yet. Returns how many."""

    def last_of(self, subject: str) -> Notification | None:
        """What was last told, or is about to be, of this subject."""

    def is_due(self, channel: str, now: datetime) -> bool: ...

    def lease(self, channel: str, holder: str, now: datetime, until: datetime, limit: int) -> list[Notification]:
        """Take due rows, each by one holder at a time; of one subject only the earliest. Counts the attempt."""

    def settle(self, leased: Notification, settled: Settled) -> bool:
        """Write how the try ended. False where the lease has passed to another, who will write that."""

    def overdue(self, now: datetime) -> dict[str, int]:
        """Rows by channel whose time ran out."""

    def give_up(self, now: datetime) -> None:
        """End what is overdue."""

    def page(
        self, state: DispatchState | None = None, channel: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[Notification]:
        """Newest first; `before`: a cursor, the last id of the page before."""

    def replay(self, notification_id: int, now: datetime) -> Notification:
        """Due again, with the same key. Returns it as it was. Raises NotFound."""

    def purge(self, before: datetime) -> int:
        """Delete what ended before."""


class Work(Protocol):
    """One transaction: committed where the `with` block ends well, rolled back where it raises."""

    @property
    def cameras(self) -> Cameras: ...
    @property
    def health(self) -> Health: ...
    @property
    def frames(self) -> Frames: ...
    @property
    def events(self) -> Events: ...
    @property
    def reviews(self) -> Reviews: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def views(self) -> Views: ...
    @property
    def changes(self) -> Changes: ...
    @property
    def people(self) -> People: ...
    @property
    def units(self) -> Units: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def presence(self) -> Presence: ...
    @property
    def drills(self) -> Drills: ...
    @property
    def outbox(self) -> Outbox: ...

    def take_lease(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        """Periodic work happens once: True for the holder, until the lease runs out; the holder renews it."""


class Database(Protocol):
    def begin(self) -> AbstractContextManager[Work]:
        """A writing transaction (`BEGIN IMMEDIATE` on SQLite)."""

    def read(self) -> AbstractContextManager[Work]:
        """A reading one, which waits for no writer."""
