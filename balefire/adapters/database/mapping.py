"""Domain values to JSON text and back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from balefire.domain.camera import Camera, IgnoreZone, Kind, Mount, Position, Tiles
from balefire.domain.clock import CameraClock
from balefire.domain.detection import Detection, Hazard
from balefire.domain.event import Sighting
from balefire.domain.geometry import Box, Polygon
from balefire.domain.review import ReviewBox


def dump_detection(one: Detection) -> str:
    return json.dumps([one.class_name, one.hazard, one.confidence, one.box.xyxy, one.bundle])


def load_detection(text: str) -> Detection:
    class_name, hazard, confidence, box, bundle = json.loads(text)
    return Detection(class_name, Hazard(hazard) if hazard else None, confidence, Box(*box), bundle)


def dump_detections(found: tuple[Detection, ...]) -> str:
    return json.dumps([dump_detection(one) for one in found])


def load_detections(text: str) -> tuple[Detection, ...]:
    return tuple(load_detection(one) for one in json.loads(text))


def dump_sighting(one: Sighting) -> str:
    return json.dumps([one.frame, one.captured_at.isoformat(), dump_detection(one.detection)])


def load_sighting(text: str) -> Sighting:
    frame, captured_at, detection = json.loads(text)
    return Sighting(frame, datetime.fromisoformat(captured_at), load_detection(detection))


def dump_camera(camera: Camera) -> str:
    """What no query asks for."""
    position = camera.position
    zones = [[zone.polygon, zone.owner, zone.reason, zone.until.isoformat()] for zone in camera.ignore_zones]
    return json.dumps({
        "position": [position.lon, position.lat, position.alt_m] if position else None,
        "azimuth_deg": camera.azimuth_deg, "fov_deg": camera.fov_deg, "mount": camera.mount, "kind": camera.kind,
        "detectors": camera.detectors, "privacy_masks": camera.privacy_masks, "ignore_zones": zones,
        "tiles": camera.tiles,
    })  # fmt: skip


def load_camera(camera_id: str, name: str, unit: str | None, facts: str, retired_at: datetime | None) -> Camera:
    known: dict[str, Any] = json.loads(facts)
    zones = (IgnoreZone(_polygon(p), owner, why, datetime.fromisoformat(u)) for p, owner, why, u in known["ignore_zones"])
    return Camera(
        id=camera_id, name=name, unit=unit, position=Position(*known["position"]) if known["position"] else None,
        azimuth_deg=known["azimuth_deg"], fov_deg=known["fov_deg"], mount=Mount(known["mount"]), kind=Kind(known["kind"]),
        detectors=tuple(known["detectors"]), privacy_masks=tuple(_polygon(mask) for mask in known["privacy_masks"]),
        ignore_zones=tuple(zones), retired_at=retired_at, tiles=Tiles(known.get("tiles", "off")),  # rows of before have none
    )  # fmt: skip


def dump_clock(clock: CameraClock) -> str:
    last = clock.last_received_at
    return json.dumps([clock.skew_s, clock.candidate_s, clock.seen, last.isoformat() if last else None])


def load_clock(text: str) -> CameraClock:
    skew_s, candidate_s, seen, last = json.loads(text)
    return CameraClock(skew_s, candidate_s, seen, datetime.fromisoformat(last) if last else None)


def dump_boxes(boxes: tuple[ReviewBox, ...]) -> str:
    return json.dumps([[one.frame, one.hazard, one.box.xyxy] for one in boxes])


def load_boxes(text: str) -> tuple[ReviewBox, ...]:
    return tuple(ReviewBox(frame, Hazard(hazard), Box(*box)) for frame, hazard, box in json.loads(text))


def _polygon(points: list[list[float]]) -> Polygon:
    return tuple((x, y) for x, y in points)
