"""Append-only records: reviews, and the changes that the stream tells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, text, update

from balefire.adapters.database.mapping import dump_set, load_set
from balefire.adapters.database.tables import changes, events, reviews
from balefire.domain.errors import UnknownEvent
from balefire.domain.review import Review, Verdict, verdict_of
from balefire.flows.ports import ChangeRow

ADD_CHANGE = insert(changes)
CHANGES_LOCK = 7_261_001  # any number that no other lock of this database uses


class SqlReviews:
    """Implements `ports.Reviews`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, event: str) -> list[Review]:
        held = select(events.c.id).where(events.c.id == event).with_for_update()
        if self._connection.execute(held).first() is None:
            raise UnknownEvent(f"no event {event}")
        return self.of([event]).get(event, [])

    def add(self, review: Review) -> None:
        values = {name: getattr(review, name) for name in Review.__slots__}
        verdict = verdict_of([*self.hold(review.event), review])  # two at once: the last one counts, in both tables
        self._connection.execute(insert(reviews).values({**values, **dump_set(review)}))
        self._connection.execute(update(events).where(events.c.id == review.event).values(verdict=verdict))

    def of(self, event_ids: Iterable[str]) -> dict[str, list[Review]]:
        wanted = list(event_ids)
        found: dict[str, list[Review]] = {}
        if not wanted:
            return found
        query = select(reviews).where(reviews.c.event.in_(wanted)).order_by(reviews.c.at, reviews.c.id)
        for row in self._connection.execute(query):
            values = dict(row._mapping)
            review = Review(**{**values, "verdict": Verdict(values["verdict"]), **load_set(row.boxes, row.frames)})
            found.setdefault(review.event, []).append(review)
        return found


class SqlChanges:
    """Implements `ports.Changes`. New rows wait for the end of the transaction: their lock is one for all cameras."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[dict[str, object]] = []

    def add(self, kind: str, subject: str, body: str, at: datetime) -> None:
        self._waiting.append({"kind": kind, "subject": subject, "body": body, "at": at})

    def flush(self) -> None:
        """Write what waits. Taking this lock last also means that nobody waits for a row while holding it."""
        if not self._waiting:
            return
        if self._connection.dialect.name == "postgresql":
            # A reader that saw id 6 must never meet id 5 later: whoever takes an id commits before the next one does.
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHANGES_LOCK})
        self._connection.execute(ADD_CHANGE, self._waiting)
        self._waiting = []

    def after(self, last_id: int, limit: int) -> list[ChangeRow]:
        self.flush()
        query = select(changes).where(changes.c.id > last_id).order_by(changes.c.id).limit(limit)
        return [ChangeRow(**row._mapping) for row in self._connection.execute(query)]

    def newest(self) -> int:
        self.flush()
        return self._connection.execute(select(func.max(changes.c.id))).scalar() or 0

    def purge(self, before: datetime) -> int:
        return self._connection.execute(delete(changes).where(changes.c.at < before)).rowcount
