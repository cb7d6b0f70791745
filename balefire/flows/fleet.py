"""Onboarding a city: a table of cameras becomes the fleet, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from balefire.domain.camera import Camera
from balefire.domain.fleet import FleetRow
from balefire.flows.ports import Database

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Imported:
    """How many cameras were added, changed, and stood there like this already."""

    added: int
    changed: int
    same: int


def import_fleet(database: Database, rows: Sequence[FleetRow], check: Callable[[Camera], object]) -> Imported:
    """Add what is new, change what differs, leave the rest and all cameras that the table does not name. One transaction.

    check: raises for a camera that cannot be served, such as one with a detector that is not released.
    Raises BadInput with the line of the first fault; nothing is changed then.
    """
    with database.begin() as work:
        known: dict[str, Camera] = {}
        while page := work.cameras.all(max(known, default=None), PAGE):
            known |= {camera.id: camera for camera in page}
        new, changed, same = list[Camera](), 0, 0
        for row in rows:
            before = known.get(row.camera)
            after = row.applied(before)
            if after == before:
                same += 1
                continue
            check(after)
            if before is None:
                new.append(after)
            else:
                work.cameras.save(after)
                changed += 1
        work.cameras.add_all(new)
    return Imported(len(new), changed, same)
