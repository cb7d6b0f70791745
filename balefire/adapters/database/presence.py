"""Who looks at which event, so that every replica knows it. Rows live for seconds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from balefire.adapters.database.tables import presence
from balefire.domain.presence import Onlooker


class SqlPresence:
    """Implements `ports.Presence`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beat(self, event: str, seat: str, name: str, now: datetime) -> None:
        mine = (presence.c.event == event, presence.c.seat == seat)
        if self._connection.execute(update(presence).where(*mine).values(name=name, seen_at=now)).rowcount:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(presence).values(event=event, seat=seat, name=name, since=now, seen_at=now))
        except IntegrityError:  # the same page's other beat was quicker
            return

    def leave(self, event: str, seat: str, name: str) -> None:
        mine = (presence.c.event == event, presence.c.seat == seat, presence.c.name == name)
        self._connection.execute(delete(presence).where(*mine))

    def of(self, event: str, seen_after: datetime) -> list[Onlooker]:
        query = select(presence).where(presence.c.event == event, presence.c.seen_at > seen_after)
        return [Onlooker(**row._mapping) for row in self._connection.execute(query.order_by(presence.c.since, presence.c.seat))]

    def forget(self, seen_before: datetime) -> None:
        self._connection.execute(delete(presence).where(presence.c.seen_at <= seen_before))
