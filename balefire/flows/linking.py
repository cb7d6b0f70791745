"""Which event a detection belongs to: an open one, or a new one at its place; and what bears on that."""

from __future__ import annotations

from datetime import datetime

from ulid import ULID

from balefire.domain.camera import Camera, Mount
from balefire.domain.detection import Detection
from balefire.domain.event import Event, Sighting
from balefire.domain.frame import Frame
from balefire.domain.policy import Policy
from balefire.flows.ports import Sky, Work

LOOKED_BACK = 50  # events of one camera that wait, for a new one at the same place


def event_for(events: list[Event], detection: Detection, policy: Policy, frame: Frame) -> Event | None:
    """The open event of this hazard that fits best."""
    able = [event for event in events if event.is_open and event.hazard is detection.hazard]
    rated = [(event.fits(detection, policy, frame.captured_at, frame.preset), event) for event in able]
    fit, best = max(rated, key=lambda pair: pair[0], default=(0.0, None))
    return best if fit > 0 else None


def new_event(work: Work, camera: Camera, frame: Frame, detection: Detection, others: list[Event]) -> Event:
    assert detection.hazard is not None
    event_id = str(ULID())
    touching = (other for other in others if other.is_open and other.hazard is not detection.hazard)
    group = next((o.group for o in touching if _touches(o, detection)), None) or _group_that_waits(
        work, camera, frame, detection
    )
    return Event(
        id=event_id, camera=camera.id, hazard=detection.hazard, group=group or event_id,
        started_at=frame.captured_at, last_seen_at=frame.captured_at, preset=frame.preset, pose=frame.pose,
        sightings=[Sighting(frame.id, frame.captured_at, detection)],
    )  # fmt: skip


def _group_that_waits(work: Work, camera: Camera, frame: Frame, detection: Detection) -> str | None:
    """What was raised at this place before and nobody has decided yet: one row in the queue for both."""
    if camera.mount is Mount.MOVING:
        return None
    waiting = work.queue.at_camera(camera.id, frame.preset, LOOKED_BACK)
    return next((event.group for event in waiting if _touches(event, detection)), None)


def _touches(event: Event, detection: Detection) -> bool:
    return event.sightings[-1].detection.box.intersection(detection.box) > 0


def is_dark(sky: Sky | None, camera: Camera, at: datetime) -> bool:
    """By day, too, where nobody knows where the camera stands."""
    return sky is not None and camera.position is not None and sky.is_dark(camera.position, at)


def ignored_by(camera: Camera, detection: Detection, at: datetime, preset: str | None = None) -> str | None:
    """The reason of the ignore zone that holds this box, while it lasts."""
    holding = (zone for zone in camera.ignore_zones if zone.ignores(detection.hazard, detection.box, at, preset))
    return next((zone.reason for zone in holding), None)
