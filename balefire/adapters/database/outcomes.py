"""What became of raised events, and how long cameras watched: one query each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from balefire.adapters.database.reach import reaches_camera
from balefire.adapters.database.tables import events, frames, reviews
from balefire.domain.access import Reach
from balefire.domain.detection import Hazard
from balefire.domain.figures import Outcome
from balefire.domain.review import Verdict


def outcomes(connection: Connection, since: datetime, until: datetime, within: Reach) -> list[Outcome]:
    """Of events raised in [since, until), oldest first."""
    later = reviews.alias()
    undone = exists().where(later.c.event == events.c.id, later.c.undoes == reviews.c.id)
    of_event = select(reviews).where(reviews.c.event == events.c.id, reviews.c.undoes.is_(None), ~undone)
    first = of_event.order_by(reviews.c.at, reviews.c.id).limit(1)
    last = of_event.order_by(reviews.c.at.desc(), reviews.c.id.desc()).limit(1)
    query = (
        select(
            events.c.id, events.c.camera, events.c.hazard, events.c.code, events.c.raised_at, events.c.verdict,
            last.with_only_columns(reviews.c.reason).scalar_subquery().label("cause"),
            first.with_only_columns(reviews.c.at).scalar_subquery().label("decided_at"),
            last.with_only_columns(reviews.c.by).scalar_subquery().label("decided_by"),
        )
        .where(events.c.raised_at >= since, events.c.raised_at < until, reaches_camera(events.c.camera, within))
        .order_by(events.c.raised_at, events.c.id)
    )  # fmt: skip
    return [
        Outcome(
            row.id, row.camera, Hazard(row.hazard), row.code, row.raised_at, Verdict(row.verdict) if row.verdict else None,
            row.cause or "", row.decided_at, row.decided_by or "",
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def minutes_watched(connection: Connection, since: datetime, until: datetime, within: Reach) -> dict[str, int]:
    """The first frame of a minute is never thinned away, so these can be counted for ever."""
    query = (
        select(frames.c.camera, func.count())
        .where(frames.c.first_of_minute.is_(True), frames.c.captured_at >= since, frames.c.captured_at < until)
        .where(reaches_camera(frames.c.camera, within))
        .group_by(frames.c.camera)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
