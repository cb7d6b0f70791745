"""Operators who have the same event open see each other. Nothing of it is kept, and none of it is an act to be logged."""

from __future__ import annotations

from datetime import datetime

from balefire.domain.access import Principal
from balefire.domain.presence import AWAY, Onlooker
from balefire.flows.access import require_event
from balefire.flows.ports import Database


def look(database: Database, now: datetime, event_id: str, seat: str, by: Principal) -> list[Onlooker]:
    """Say that `by` has this event open; the other people who have, first come first. Raises UnknownEvent."""
    with database.begin() as work:
        require_event(work, by, work.events.get(event_id))
        work.presence.forget(now - AWAY)
        work.presence.beat(event_id, seat, by.name, now)
        others: dict[str, Onlooker] = {}
        for one in work.presence.of(event_id, now - AWAY):
            if one.name != by.name:
                others.setdefault(one.name, one)
        return list(others.values())


def leave(database: Database, event_id: str, seat: str, by: Principal) -> None:
    """This page shows it no more. Raises UnknownEvent."""
    with database.begin() as work:
        require_event(work, by, work.events.get(event_id))
        work.presence.leave(event_id, seat, by.name)
