"""Events, their sightings, and the frames that show them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from balefire.adapters.database import outcomes
from balefire.adapters.database.chosen import narrowed
from balefire.adapters.database.frames import frame_of
from balefire.adapters.database.mapping import (
    dump_detection,
    dump_pose,
    dump_sighting,
    load_detection,
    load_pose,
    load_sighting,
)
from balefire.adapters.database.tables import event_frames, events, frames, sightings
from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.detection import Detection, Hazard
from balefire.domain.errors import UnknownEvent
from balefire.domain.event import Event, EventState, Sighting
from balefire.domain.figures import Outcome
from balefire.domain.frame import Frame
from balefire.domain.review import Verdict
from balefire.flows.ports import EventFilter

OPEN = (EventState.CANDIDATE, EventState.RAISED, EventState.STANDING)
PARAMETERS = 500  # of one query
NEWEST = 32  # sightings that an open event is judged by
FOLLOWED = 4  # of a raised one, which nothing judges any more


class SqlEvents:
    """Implements `ports.Events`. Remembers which sightings this transaction knows to be stored."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stored: set[tuple[str, str]] = set()
        self._best: dict[str, Sighting] = {}

    def add(self, event: Event) -> None:
        self._connection.execute(ADD, {"id": event.id, **self._row(event)})
        self._best[event.id] = max(event.sightings, key=_sureness)
        self._store_sightings(event)

    def save(self, *changed: Event) -> None:
        if not changed:
            return
        for event in changed:
            if event.id not in self._best:
                self._know(event.id)
        self._connection.execute(SAVE, [{"saved": event.id, **self._row(event)} for event in changed])
        self._store_sightings(*changed)

    def get(self, event_id: str) -> Event:
        row = self._connection.execute(select(events).where(events.c.id == event_id)).first()
        if row is None:
            raise UnknownEvent(f"no event {event_id}")
        return self._with_sightings([row], newest=None)[0]

    def open_of(self, camera: str) -> list[Event]:
        rows = list(self._connection.execute(OPEN_OF, {"camera": camera}))
        raised = all(row.state == EventState.RAISED for row in rows)
        return self._with_sightings(rows, FOLLOWED if raised else NEWEST)

    def open_before(self, last_seen_before: datetime, limit: int) -> list[Event]:
        query = select(events).where(events.c.state.in_(OPEN), events.c.last_seen_at < last_seen_before)
        rows = self._connection.execute(query.order_by(events.c.last_seen_at).limit(limit).with_for_update(skip_locked=True))
        return self._with_sightings(list(rows), NEWEST)

    def page(self, wanted: EventFilter) -> list[Event]:
        rows = self._connection.execute(_filtered(wanted).order_by(events.c.id.desc()).limit(wanted.limit))
        return [event_of(row, [load_sighting(row.best)]) for row in rows]

    def outcomes(self, since: datetime, until: datetime, within: Reach = EVERYWHERE) -> list[Outcome]:
        return outcomes.outcomes(self._connection, since, until, within)

    def link_frames(self, event_id: str, frame_rows: Sequence[str]) -> None:
        rows = [{"event": event_id, "frame": row} for row in frame_rows]
        if rows:
            self._connection.execute(self._insert_new(event_frames), rows)

    def frames_of(self, event_id: str) -> list[Frame]:
        query = select(frames).join(event_frames, event_frames.c.frame == frames.c.id)
        query = query.where(event_frames.c.event == event_id).order_by(frames.c.captured_at, frames.c.id)
        return [frame_of(row) for row in self._connection.execute(query)]

    def seen_in(self, frame_rows: Sequence[str]) -> dict[str, dict[str, list[Detection]]]:
        found: dict[str, dict[str, list[Detection]]] = {row: {} for row in frame_rows}
        for start in range(0, len(frame_rows), PARAMETERS):
            some = frame_rows[start : start + PARAMETERS]
            linked = select(event_frames).where(event_frames.c.frame.in_(some)).order_by(event_frames.c.event)
            for row in self._connection.execute(linked):
                found[row.frame].setdefault(row.event, [])
            seen = select(sightings).where(sightings.c.frame.in_(some)).order_by(sightings.c.event)
            for row in self._connection.execute(seen):
                found[row.frame].setdefault(row.event, []).append(load_detection(row.detection))
        return found

    def closed_for_purge(self, verdict: Verdict | None, raised: bool, before: datetime, limit: int) -> list[str]:
        query = (
            select(events.c.id)
            .where(events.c.state == EventState.CLOSED, events.c.closed_at < before)
            .where(events.c.verdict == verdict if verdict else events.c.verdict.is_(None))
            .where(events.c.raised_at.is_not(None) if raised else events.c.raised_at.is_(None))
            .where(exists().where(event_frames.c.event == events.c.id))
            .limit(limit)
        )
        return list(self._connection.execute(query).scalars())

    def unlink_frames(self, event_id: str) -> None:
        self._connection.execute(delete(event_frames).where(event_frames.c.event == event_id))

    def _insert_new(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        return INSERT_NEW[self._connection.dialect.name, table.name]

    def _know(self, event_id: str) -> None:
        best = self._connection.execute(select(events.c.best).where(events.c.id == event_id)).scalar()
        if best is None:
            raise UnknownEvent(f"no event {event_id}")
        self._best[event_id] = load_sighting(best)

    def _row(self, event: Event) -> dict[str, object]:
        known = [self._best[event.id]] if event.id in self._best else []
        best = max([*known, *event.sightings], key=_sureness)
        return {
            "camera": event.camera, "hazard": event.hazard, "group": event.group, "state": event.state,
            "reason": event.reason, "started_at": event.started_at, "last_seen_at": event.last_seen_at,
            "raised_at": event.raised_at, "closed_at": event.closed_at, "best": dump_sighting(best),
            "preset": event.preset, "pose": dump_pose(event.pose), "code": event.code,
            "queue_at": event.queue_at or event.raised_at,
        }  # fmt: skip

    def _store_sightings(self, *changed: Event) -> None:
        rows = [
            {"event": event.id, "frame": s.frame, "captured_at": s.captured_at, "detection": dump_detection(s.detection)}
            for event in changed
            for s in event.sightings
            if (event.id, s.frame) not in self._stored
        ]
        if rows:  # an event that another transaction loaded brings sightings that are stored already
            self._connection.execute(self._insert_new(sightings), rows)
        self._stored.update((event.id, sighting.frame) for event in changed for sighting in event.sightings)

    def _with_sightings(self, rows: list[Row[tuple[object, ...]]], newest: int | None) -> list[Event]:
        if not rows:
            return []
        found: dict[str, list[Sighting]] = {row.id: [] for row in rows}
        query, asked = (ALL_SIGHTINGS, {}) if newest is None else (NEWEST_SIGHTINGS, {"newest": newest})
        for row in self._connection.execute(query, {"events": list(found), **asked}):
            found[row.event].append(Sighting(row.frame, row.captured_at, load_detection(row.detection)))
            self._stored.add((row.event, row.frame))
        for row in rows:
            best = self._best[row.id] = load_sighting(row.best)
            if row.state == EventState.RAISED and all(one.frame != best.frame for one in found[row.id]):
                insort(found[row.id], best, key=_time)  # it is told as the event's confidence
        return [event_of(row, found[row.id]) for row in rows]


def _time(sighting: Sighting) -> datetime:
    return sighting.captured_at


def _sureness(sighting: Sighting) -> float:
    return sighting.detection.confidence


def _newest_sightings() -> CompoundSelect[tuple[object, ...]]:
    """The newest few of each event, and its first. Parameters: `events`, `newest`.

    By the index alone: what is read of a fire that has burnt for hours is no more than of one that began.
    """
    columns = (sightings.c.event, sightings.c.frame, sightings.c.captured_at, sightings.c.detection)
    of_events = select(*columns).join(events, events.c.id == sightings.c.event).where(events.c.id.in_(ASKED))
    older = sightings.alias()
    oldest_wanted = (
        select(older.c.captured_at)
        .where(older.c.event == events.c.id)
        .order_by(older.c.captured_at.desc())
        .limit(1)
        .offset(bindparam("newest") - 1)
        .scalar_subquery()
    )
    newest = of_events.where(sightings.c.captured_at >= func.coalesce(oldest_wanted, events.c.started_at))
    return union(newest, of_events.where(sightings.c.captured_at == events.c.started_at)).order_by("captured_at")


ASKED: BindParameter[str] = bindparam("events", expanding=True)
# Built once: every frame asks them, and putting a statement together costs more than running it.
OPEN_OF = select(events).where(events.c.camera == bindparam("camera"), events.c.state.in_(OPEN)).order_by(events.c.id)
SAVE = update(events).where(events.c.id == bindparam("saved"))
ADD = insert(events)
INSERT_NEW: dict[tuple[str, str], postgresql.Insert | sqlite.Insert] = {
    (name, table.name): dialect.insert(table).on_conflict_do_nothing()
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
    for table in (event_frames, sightings)
}
NEWEST_SIGHTINGS = _newest_sightings()
ALL_SIGHTINGS = select(sightings).where(sightings.c.event.in_(ASKED)).order_by(sightings.c.captured_at)


def _filtered(wanted: EventFilter) -> Select[tuple[object, ...]]:
    query = narrowed(select(events), wanted.chosen, wanted.within)
    if wanted.states:
        query = query.where(events.c.state.in_(wanted.states))
    if wanted.hazard:
        query = query.where(events.c.hazard == wanted.hazard)
    if wanted.camera:
        query = query.where(events.c.camera == wanted.camera)
    if wanted.reviewed is not None:
        query = query.where(events.c.verdict.is_not(None) if wanted.reviewed else events.c.verdict.is_(None))
    if wanted.raised is not None:
        query = query.where(events.c.raised_at.is_not(None) if wanted.raised else events.c.raised_at.is_(None))
    if wanted.after:
        query = query.where(events.c.id < wanted.after)
    return query


def event_of(row: Row[tuple[object, ...]], seen: list[Sighting]) -> Event:
    """Of a whole row of `events`."""
    values = dict(row._mapping)
    del values["best"], values["verdict"]
    values |= {"hazard": Hazard(values["hazard"]), "state": EventState(values["state"]), "pose": load_pose(values["pose"])}
    return Event(**values, sightings=seen)
