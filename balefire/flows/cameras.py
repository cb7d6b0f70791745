"""The fleet changes, one camera at a time; a camera belongs to a unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from balefire.domain.access import HOUSE, Principal, Reach
from balefire.domain.camera import Camera
from balefire.domain.errors import OutOfReach
from balefire.flows import wire
from balefire.flows.access import require_camera
from balefire.flows.audit import record, record_change
from balefire.flows.health import forget_view
from balefire.flows.ports import Database, Work
from balefire.flows.units import resolve
from balefire.flows.zones import named

PAGE = 1000
LOOKS = ("mount", "kind", "azimuth_deg", "fov_deg", "privacy_masks")  # facts without which a picture looks otherwise
Check = Callable[[Camera], object]


def add_camera(database: Database, now: datetime, camera: Camera, check: Check, by: Principal = HOUSE) -> Camera:
    """`camera.unit` is a unit's id or code; None: that of `by`. check: raises for a camera that cannot be served.

    Raises Conflict, BadInput, OutOfReach.
    """
    check(camera)
    with database.begin() as work:
        camera = named(replace(camera, unit=_unit(work, camera.unit or by.unit, by)))
        work.cameras.add(camera)
        record(work, now, by.signature, "camera.add", camera.id, after=wire.camera(camera))
    return camera


def change_camera(
    database: Database, now: datetime, camera_id: str, values: Mapping[str, object], check: Check, by: Principal = HOUSE
) -> Camera:
    """values: fields of the camera. Raises UnknownCamera, BadInput, OutOfReach."""
    with database.begin() as work:
        require_camera(work, by, camera_id)
        work.cameras.lock(camera_id)
        before = work.cameras.get(camera_id)
        after = named(replace(before, **values))  # type: ignore[arg-type]
        if "unit" in values:
            after = replace(after, unit=_unit(work, after.unit, by))
        check(after)
        work.cameras.save(after)
        if any(getattr(before, fact) != getattr(after, fact) for fact in LOOKS):
            forget_view(work, camera_id, now)
        record_change(work, now, by.signature, "camera.change", camera_id, wire.camera(before), wire.camera(after))
    return after


def every_camera(database: Database, within: Reach) -> list[Camera]:
    """All that one reaches, by id, read page by page."""
    found: list[Camera] = []
    with database.read() as work:
        while part := work.cameras.all(found[-1].id if found else None, PAGE, within):
            found += part
    return found


def _unit(work: Work, named: str | None, by: Principal) -> str | None:
    if by.camera is not None:
        raise OutOfReach("who has one camera only cannot say where cameras belong")
    if named is not None:
        return resolve(work, named, by)
    if by.unit is not None:
        raise OutOfReach("a camera without a unit belongs to the whole house")
    return None
