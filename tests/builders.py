"""Values for tests: every field has a plain default, a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ulid import ULID

from balefire.domain.camera import Camera
from balefire.domain.detection import Detection, Hazard
from balefire.domain.event import Event, Sighting
from balefire.domain.frame import Frame, FrameStatus, Keep
from balefire.domain.geometry import Box

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def camera(camera_id: str = "ridge", **fields: Any) -> Camera:
    return Camera(**{"id": camera_id, "name": camera_id, **fields})


def detection(hazard: Hazard = Hazard.SMOKE, box: tuple[float, ...] = (0.4, 0.4, 0.5, 0.5), sure: float = 0.8) -> Detection:
    return Detection(hazard, hazard, sure, Box(*box), "fire@0.1.0")


def frame(seconds: float = 0, **fields: Any) -> Frame:
    row = str(ULID())
    values: dict[str, Any] = {
        "id": row, "frame_id": row, "camera": "ridge", "captured_at": at(seconds), "received_at": at(seconds),
        "status": FrameStatus.ACCEPTED, "answer": "{}", "width": 640, "height": 360, "picture": f"ridge/{row}.jpg",
        "picture_sha256": "0" * 64, "keep": Keep.RING,
    }  # fmt: skip
    return Frame(**{**values, **fields})


def event(*seconds: float, hazard: Hazard = Hazard.SMOKE, camera_id: str = "ridge") -> Event:
    """An event with one sighting at each of these times."""
    times = [at(second) for second in seconds or (0.0,)]
    event_id = str(ULID())
    seen = [Sighting(str(ULID()), time, detection(hazard)) for time in times]
    return Event(event_id, camera_id, hazard, event_id, times[0], times[-1], sightings=seen)
