"""What is due for the purge, and that finding it reads no whole table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event as engine_events
from ulid import ULID

from balefire.adapters.database import SqlDatabase, migrate
from balefire.adapters.database.database import SqlWork
from balefire.adapters.database.engine import make_engine
from balefire.domain.event import Event, EventState, Sighting
from balefire.domain.frame import Keep
from balefire.domain.review import Review, Verdict
from balefire.flows.ports import EventFilter
from tests.builders import at, camera, detection, event, frame


def test_pictures_are_due_by_why_they_are_kept(database: SqlDatabase) -> None:
    ring, kept, reference = frame(0), frame(1, keep=Keep.EVENT), frame(2, keep=Keep.REFERENCE)
    closed = _closed(raised=True)
    with database.begin() as work:
        work.cameras.add(camera())
        for one in (ring, kept, reference, frame(3, picture=None, keep=None)):
            work.frames.add(one)
        work.events.add(closed)
        work.events.link_frames(closed.id, [kept.id])
        work.events.link_frames(closed.id, [kept.id])  # twice does nothing
    with database.begin() as work:
        assert work.frames.expired_ring(at(9), 9) == [ring]
        assert work.frames.expired_ring(at(0), 9) == []  # received before, not at
        assert work.frames.old_references(at(9), 9) == [reference]
        assert work.frames.unlinked(at(9), 9) == []
        assert work.events.frames_of(closed.id) == [kept]
        work.events.unlink_frames(closed.id)
        assert work.frames.unlinked(at(9), 9) == [kept]
        work.frames.forget_pictures([kept.id])
        assert work.frames.unlinked(at(9), 9) == []
        assert work.frames.get(kept.id) == replace(kept, picture=None, keep=None)


def test_the_ring_before_an_event_is_kept(database: SqlDatabase) -> None:
    frames = [frame(second) for second in range(5)]
    gone = frame(2.5, picture=None, keep=None)
    with database.begin() as work:
        work.cameras.add(camera())
        for one in (*reversed(frames), gone):
            work.frames.add(one)
        assert work.frames.in_ring("ridge", at(1), at(3)) == frames[1:4]
        work.frames.keep([one.id for one in frames[1:4]], Keep.EVENT)
        assert work.frames.expired_ring(at(9), 9) == [frames[0], frames[4]]
        assert work.frames.expired_ring(at(9), 1) == [frames[0]]


def test_rows_are_thinned_to_one_a_minute(database: SqlDatabase) -> None:
    bare, first = frame(0, picture=None, keep=None), frame(1, picture=None, keep=None, first_of_minute=True)
    linked, sighted = frame(2, picture=None, keep=None), frame(3, picture=None, keep=None)
    pictured, new = frame(4), frame(60, picture=None, keep=None)
    known = event(3)
    known.sightings = [Sighting(sighted.id, at(3), detection())]
    with database.begin() as work:
        work.cameras.add(camera())
        for one in (bare, first, linked, sighted, pictured, new):
            work.frames.add(one)
        work.events.add(known)
        work.events.link_frames(known.id, [linked.id])
        assert work.frames.thin(at(60)) == 1
        assert work.frames.find("ridge", bare.frame_id) is None
        assert all(work.frames.find("ridge", one.frame_id) for one in (first, linked, sighted, pictured, new))


WHOLE_TABLE = re.compile(r"SCAN (frames|events|sightings|event_frames|reviews)($| USING INDEX sqlite_auto)")
R, F, U = Verdict.REAL, Verdict.FALSE, Verdict.UNSURE


@pytest.mark.parametrize(("given", "counts"), [((), None), ((F,), F), ((F, R), R), ((R, F), F), ((R, U), U)])
def test_the_last_verdict_decides_what_is_due(
    database: SqlDatabase, given: tuple[Verdict, ...], counts: Verdict | None
) -> None:
    closed, never_raised, still_open = _closed(raised=True), _closed(raised=False), event(1)
    still_open.state, still_open.raised_at = EventState.RAISED, at(1)
    with database.begin() as work:
        work.cameras.add(camera())
        kept = frame(1, keep=Keep.EVENT)
        work.frames.add(kept)
        for one in (closed, never_raised, still_open):
            work.events.add(one)
            work.events.link_frames(one.id, [kept.id])
        for second, verdict in enumerate(given):
            work.reviews.add(Review(str(ULID()), closed.id, verdict, "", "", "li", at(second)))
    with database.begin() as work:
        for asked in (None, R, F, U):
            due = [closed.id] if asked is counts else []
            assert work.events.closed_for_purge(asked, True, at(9), 9) == due
        assert work.events.closed_for_purge(None, False, at(9), 9) == [never_raised.id]
        assert work.events.closed_for_purge(counts, True, at(2), 9) == []  # closed before, not at
        work.events.unlink_frames(closed.id)
        assert work.events.closed_for_purge(counts, True, at(9), 9) == []  # once without frames, never again


def _closed(raised: bool) -> Event:
    closed = event(1)
    closed.state, closed.raised_at, closed.closed_at = EventState.CLOSED, at(1) if raised else None, at(2)
    return closed


def _observe(work: SqlWork) -> None:
    work.cameras.lock("ridge")
    work.frames.find("ridge", "1")
    work.events.open_of("ridge")
    work.frames.times_before("ridge", at(9), 8)
    work.frames.in_ring("ridge", at(0), at(9))


@pytest.mark.parametrize(
    "ask",
    [
        _observe,
        lambda work: work.frames.thin(at(9)),
        lambda work: work.frames.expired_ring(at(9), 9),
        lambda work: work.frames.old_references(at(9), 9),
        lambda work: work.frames.unlinked(at(9), 9),
        lambda work: work.events.open_before(at(9), 9),
        lambda work: work.events.frames_of("x"),
        lambda work: work.events.page(EventFilter(raised=True, reviewed=False)),
    ],
)
def test_no_periodic_query_reads_a_whole_table(tmp_path: Path, ask: Callable[[SqlWork], object]) -> None:
    """On SQLite, whose planner says so without rows. The queue may be walked, by the index of what waits in it."""
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    migrate(url)
    engine = make_engine(url)
    asked: list[tuple[str, tuple[object, ...]]] = []
    with engine.begin() as connection:
        work = SqlWork(connection)
        work.cameras.add(camera())
        work.events.add(event(1))
        engine_events.listen(engine, "before_cursor_execute", lambda _c, _k, sql, values, *_: asked.append((sql, values)))
        ask(work)
        explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in list(asked)]
        plans = [row[3] for rows in explained for row in rows]
    engine.dispose()
    assert plans
    assert not [plan for plan in plans if WHOLE_TABLE.match(plan)]
