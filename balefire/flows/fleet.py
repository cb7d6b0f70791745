"""Onboarding a city: a table of cameras becomes the fleet, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from balefire.domain.access import HOUSE, Principal
from balefire.domain.camera import Camera
from balefire.domain.errors import BadInput
from balefire.domain.fleet import FleetRow
from balefire.flows import wire
from balefire.flows.audit import record, record_change
from balefire.flows.ports import Database

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Imported:
    """How many cameras were added, changed, and stood there like this already."""

    added: int
    changed: int
    same: int


def import_fleet(
    database: Database, now: datetime, rows: Sequence[FleetRow], check: Callable[[Camera], object], by: Principal = HOUSE
) -> Imported:
    """Add what is new, change what differs, leave the rest and all cameras that the table does not name. One transaction.

    A camera's unit is named by its code or its id. check: raises for a camera that cannot be served, such as one with a
    detector that is not released.
    Raises BadInput with the line of the first fault; nothing is changed then.
    """
    with database.begin() as work:
        known: dict[str, Camera] = {}
        while page := work.cameras.all(max(known, default=None), PAGE):
            known |= {camera.id: camera for camera in page}
        units = {name: unit.id for unit in work.units.page() for name in (unit.id, unit.code)}
        new, changed, same = list[Camera](), 0, 0
        for row in rows:
            before = known.get(row.camera)
            after = _in_its_unit(row, row.applied(before), units)
            if after == before:
                same += 1
                continue
            check(after)
            if before is None:
                new.append(after)
            else:
                work.cameras.save(after)
                changed += 1
                record_change(work, now, by.signature, "camera.change", after.id, wire.camera(before), wire.camera(after))
        work.cameras.add_all(new)
        for camera in new:
            record(work, now, by.signature, "camera.add", camera.id, after=wire.camera(camera))
    return Imported(len(new), changed, same)


def _in_its_unit(row: FleetRow, camera: Camera, units: Mapping[str, str]) -> Camera:
    """units: code or id → id."""
    if camera.unit is None or "unit" not in row.says:
        return camera
    if camera.unit not in units:
        raise BadInput(f"line {row.line}: camera {camera.id}: no unit {camera.unit}")
    return replace(camera, unit=units[camera.unit])
