"""A drill starts and ends; while it runs, every page and message says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ulid import ULID

from balefire.domain.access import HOUSE, Principal
from balefire.domain.drill import Drill
from balefire.domain.errors import Conflict, NotFound
from balefire.flows import wire
from balefire.flows.audit import record, require_whole_house
from balefire.flows.ports import Database, Work


def start(database: Database, now: datetime, name: str, by: Principal = HOUSE) -> Drill:
    """Raises Conflict while another drill runs, BadInput for a name that cannot be shown, OutOfReach."""
    require_whole_house(by)
    drill = Drill(str(ULID()), name, now, by.name)
    with database.begin() as work:
        work.drills.lock()
        running = current(work)
        if running is not None:
            raise Conflict(f"drill {running.name} runs already")
        work.drills.add(drill)
        _tell(work, now, by, "start", drill)
    return drill


def end(database: Database, now: datetime, by: Principal = HOUSE) -> Drill:
    """Raises NotFound where none runs, OutOfReach."""
    require_whole_house(by)
    with database.begin() as work:
        work.drills.lock()
        drill = current(work)
        if drill is None:
            raise NotFound("no drill runs")
        work.drills.end(drill.id, now, by.name)
        _tell(work, now, by, "end", drill)
    return drill


def current(work: Work) -> Drill | None:
    return next((drill for drill in work.drills.newest() if drill.ended_at is None), None)


def name_at(drills: Iterable[Drill], *times: datetime | None) -> str | None:
    """The drill in which one of these times lies; None outside of any."""
    return next((drill.name for drill in drills if any(at is not None and drill.covers(at) for at in times)), None)


def _tell(work: Work, now: datetime, by: Principal, what: str, drill: Drill) -> None:
    record(work, now, by.signature, f"drill.{what}", drill.id, after={"name": drill.name})
    work.changes.add("drill", drill.id, wire.drill_body(drill, running=what == "start"), now)
