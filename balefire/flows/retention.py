"""What is thrown away, and when: pictures by verdict, rows by age. A purge is a proof, so it counts what it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from balefire.domain.frame import Frame
from balefire.domain.retention import Retention
from balefire.domain.review import Verdict
from balefire.flows.ports import Database, FrameStore, Work

BATCH = 500
RING_SLACK = timedelta(seconds=10)  # a frame in flight may still want its predecessors


def trim_ring(database: Database, store: FrameStore, now: datetime, retention: Retention) -> int:
    """Throw away pictures of the last seconds that turned out to show nothing. Returns how many."""
    before = now - timedelta(seconds=retention.ring_s) - RING_SLACK
    total = 0
    while dropped := _drop(database, store, lambda work: work.frames.expired_ring(before, BATCH)):
        total += dropped
    return total


def purge(database: Database, store: FrameStore, now: datetime, retention: Retention) -> dict[str, int]:
    """Everything that is due. Returns counts: pictures, events (that lost theirs), rows, changes, sessions."""
    counts: Counter[str] = Counter(pictures=trim_ring(database, store, now, retention))
    for verdict, raised, days in (
        (Verdict.FALSE, True, retention.false_days),
        (Verdict.REAL, True, retention.real_days),
        (Verdict.UNSURE, True, retention.unsure_days),
        (None, True, retention.unreviewed_days),
        (None, False, retention.not_raised_days),
    ):
        if days is not None:
            counts["events"] += _release_events(database, verdict, raised, now - timedelta(days=days))
    while dropped := _drop(database, store, lambda work: work.frames.unlinked(now - RING_SLACK, BATCH)):
        counts["pictures"] += dropped
    if retention.reference_days is not None:
        old = now - timedelta(days=retention.reference_days)
        while dropped := _drop(database, store, lambda work: work.frames.old_references(old, BATCH)):
            counts["pictures"] += dropped
    with database.begin() as work:
        counts["rows"] = work.frames.thin(now - timedelta(days=retention.rows_days))
        counts["changes"] = work.changes.purge(now - timedelta(days=retention.changes_days))
        counts["sessions"] = work.people.purge_sessions(now)
    return dict(counts)


def _release_events(database: Database, verdict: Verdict | None, raised: bool, before: datetime) -> int:
    total = 0
    while True:
        with database.begin() as work:
            due = work.events.closed_for_purge(verdict, raised, before, BATCH)
            for event_id in due:
                work.events.unlink_frames(event_id)
        if not due:
            return total
        total += len(due)


def _drop(database: Database, store: FrameStore, choose: Callable[[Work], list[Frame]]) -> int:
    """Files go before the rows forget them: after a crash in between, the next purge finds the rows and goes on."""
    with database.begin() as work:
        frames = choose(work)
        store.delete([frame.picture for frame in frames if frame.picture])
        work.frames.forget_pictures([frame.id for frame in frames])
    return len(frames)
