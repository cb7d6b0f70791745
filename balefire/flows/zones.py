"""Ignore zones: drawn on an event, confirmed or renewed by who commands, let go by whoever may decide on events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ulid import ULID

from balefire.domain.access import Principal, Reach, Scope
from balefire.domain.camera import Camera, Mount
from balefire.domain.errors import BadInput, Conflict, UnknownZone
from balefire.domain.geometry import Polygon
from balefire.domain.zone import MOST, TRIAL, IgnoreZone, ZoneState, check_end, check_shape
from balefire.flows import wire
from balefire.flows.access import require_event
from balefire.flows.audit import record
from balefire.flows.ports import Database, Work


@dataclass(frozen=True, slots=True)
class Placed:
    """A zone and the camera in whose view it lies."""

    camera: Camera
    zone: IgnoreZone


def draw(
    database: Database,
    now: datetime,
    event_id: str,
    polygon: Polygon,
    until: datetime,
    reason: str,
    by: Principal,
    every_hazard: bool = False,
) -> Placed:
    """ "Always here": what this event saw is ignored in this part of the view from now on, growth beyond it is not.

    It holds at once: until its end where `by` commands, else for a day, unless confirmed.
    Raises UnknownEvent, BadInput, Conflict.
    """
    check_end(now, until)
    check_shape(polygon)
    commands = by.may(Scope.COMMAND)
    with database.begin() as work:
        event = work.events.get(event_id)
        require_event(work, by, event)
        camera = _held(work, event.camera)
        if camera.mount is Mount.MOVING:
            raise BadInput("what a flying camera sees has no fixed place: an ignore zone would hide it everywhere")
        if len(camera.ignore_zones) >= MOST:
            raise Conflict(f"camera {camera.id} has {MOST} ignore zones; let one go first")
        zone = IgnoreZone(
            polygon, by.name, reason.strip(), until, str(ULID()), now, None if commands else min(until, now + TRIAL),
            by.name if commands else "", None if every_hazard else event.hazard, event.preset, event.id,
        )  # fmt: skip
        return _save(work, now, by, "zone.draw", camera, None, zone)


def renew(database: Database, now: datetime, zone_id: str, until: datetime, by: Principal) -> Placed:
    """It holds (again) until then; one on trial is confirmed by it. Raises UnknownZone, BadInput."""
    check_end(now, until)
    with database.begin() as work:
        camera, zone = _find(work, zone_id, by.reach)
        # What was captured while it did not hold was told, and stays so.
        since = now if zone.state(now) is ZoneState.EXPIRED else zone.since
        return _save(work, now, by, "zone.renew", camera, zone, replace(zone.confirmed(by.name, until), since=since))


def let_go(database: Database, now: datetime, zone_id: str, by: Principal) -> None:
    """It is no more: what is there raises again. Raises UnknownZone."""
    with database.begin() as work:
        camera, zone = _find(work, zone_id, by.reach)
        _save(work, now, by, "zone.let_go", camera, zone, None)


def listed(
    work: Work, now: datetime, within: Reach, states: Sequence[ZoneState] = (), camera: str | None = None
) -> list[Placed]:
    """By id, oldest first; those of retired cameras are left out."""
    found = (one for one in _placed(work, within) if camera in (None, one.camera.id))
    wanted = [one for one in found if not states or one.zone.state(now) in states]
    return sorted(wanted, key=lambda one: one.zone.id)


def waiting(work: Work, now: datetime, within: Reach) -> int:
    """How many wait for a decision."""
    return len(listed(work, now, within, (ZoneState.TRIAL, ZoneState.EXPIRED)))


def named(camera: Camera) -> Camera:
    """Zones that came without an id get one."""
    return replace(
        camera, ignore_zones=tuple(zone if zone.id else replace(zone, id=str(ULID())) for zone in camera.ignore_zones)
    )


def _placed(work: Work, within: Reach) -> Iterator[Placed]:
    for camera in work.cameras.with_zones(within):
        yield from (Placed(camera, zone) for zone in camera.ignore_zones)


def _held(work: Work, camera_id: str) -> Camera:
    work.cameras.lock(camera_id)  # two at once must not write over each other's zone
    return work.cameras.get(camera_id)


def _find(work: Work, zone_id: str, within: Reach) -> tuple[Camera, IgnoreZone]:
    for one in _placed(work, within):
        if one.zone.id == zone_id:
            camera = _held(work, one.camera.id)
            for zone in camera.ignore_zones:
                if zone.id == zone_id:
                    return camera, zone
    raise UnknownZone(f"no ignore zone {zone_id}")


def _save(
    work: Work, now: datetime, by: Principal, what: str, camera: Camera, before: IgnoreZone | None, after: IgnoreZone | None
) -> Placed:
    kept = [zone for zone in camera.ignore_zones if before is None or zone.id != before.id]
    changed = replace(camera, ignore_zones=(*kept, after) if after else tuple(kept))
    work.cameras.save(changed)
    known = after or before
    assert known is not None
    facts = [{"camera": camera.id, **wire.zone(one)} if one else None for one in (before, after)]
    record(work, now, by.signature, what, known.id, *facts)
    return Placed(changed, known)
