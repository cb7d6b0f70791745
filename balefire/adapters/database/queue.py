"""What waits for a decision, by group and by urgency."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from balefire.adapters.database.chosen import narrowed
from balefire.adapters.database.events import event_of
from balefire.adapters.database.mapping import load_sighting
from balefire.adapters.database.tables import events
from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.event import Event
from balefire.flows.ports import Backlog, Chosen, QueueFilter, QueueRow

WAITS = and_(events.c.raised_at.is_not(None), events.c.verdict.is_(None))
earliest: ColumnElement[Any] = func.min(events.c.queue_at)


class SqlQueue:
    """Implements `ports.Queue`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, wanted: QueueFilter) -> list[QueueRow]:
        groups = self._groups(wanted)
        found: dict[str, list[Event]] = {group: [] for group in groups}
        if groups:
            query = select(events).where(WAITS, events.c.group.in_(groups)).order_by(events.c.queue_at, events.c.id)
            for event in self._events(query):
                found[event.group].append(event)
        return [QueueRow(group, queue_at, found[group]) for group, queue_at in groups.items()]

    def backlog(self, chosen: Chosen, within: Reach = EVERYWHERE) -> Backlog:
        counted = func.count().label("events"), func.min(events.c.raised_at).label("oldest")
        # By group: so that the index of what waits is read, and not that of all that was ever raised.
        groups = narrowed(select(events.c.group, *counted).where(WAITS), chosen, within).group_by(events.c.group).subquery()
        whole = select(func.count(), func.coalesce(func.sum(groups.c.events), 0), func.min(groups.c.oldest))
        row = self._connection.execute(whole).one()
        return Backlog(row[0], int(row[1]), row[2])

    def of(self, group: str) -> list[Event]:
        raised = events.c.raised_at.is_not(None)
        return self._events(select(events).where(events.c.group == group, raised).order_by(events.c.id))

    def at_camera(self, camera: str, preset: str | None, limit: int) -> list[Event]:
        there = events.c.preset.is_(None) if preset is None else events.c.preset == preset
        query = select(events).where(WAITS, events.c.camera == camera, there)
        return self._events(query.order_by(events.c.id.desc()).limit(limit))

    def _groups(self, wanted: QueueFilter) -> dict[str, datetime]:
        """Groups of one page, and when each queues."""
        query = select(events.c.group, earliest).where(WAITS).group_by(events.c.group)
        if not (wanted.chosen.everything and wanted.within.everywhere):
            query = query.where(events.c.group.in_(narrowed(select(events.c.group).where(WAITS), wanted.chosen, wanted.within)))
        if wanted.after is not None:
            at, group = wanted.after
            query = query.having(or_(at < earliest, and_(earliest == at, events.c.group > group)))
        rows = self._connection.execute(query.order_by(earliest, events.c.group).limit(wanted.limit))
        return {group: queue_at for group, queue_at in rows}

    def _events(self, query: Select[*tuple[Any, ...]]) -> list[Event]:
        return [event_of(row, [load_sighting(row.best)]) for row in self._connection.execute(query)]
