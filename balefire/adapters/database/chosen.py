"""What a person narrows events to, as conditions of one query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from balefire.adapters.database.reach import reaches_camera, units_below
from balefire.adapters.database.tables import cameras, events
from balefire.domain.access import Reach
from balefire.flows.ports import Chosen


def narrowed(query: Select[*tuple[Any, ...]], chosen: Chosen, within: Reach) -> Select[*tuple[Any, ...]]:
    """Of a query on `events`, the rows that were chosen and that `within` reaches."""
    if not within.everywhere:
        query = query.where(reaches_camera(events.c.camera, within))
    if chosen.hazards:
        query = query.where(events.c.hazard.in_(chosen.hazards))
    if chosen.cameras:
        query = query.where(events.c.camera.in_(chosen.cameras))
    if chosen.unit is not None:
        below = select(cameras.c.id).where(cameras.c.unit.in_(units_below(chosen.unit)))
        query = query.where(events.c.camera.in_(below))
    if chosen.states:
        query = query.where(events.c.state.in_(chosen.states))
    if chosen.since is not None:
        query = query.where(events.c.raised_at >= chosen.since)
    if chosen.until is not None:
        query = query.where(events.c.raised_at < chosen.until)
    return query
