"""Domain values to JSON text and back."""

from __future__ import annotations

import json
from array import array
from base64 import b64decode, b64encode
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from balefire.domain.camera import Camera, Kind, Mount, Pose, Position, Tiles
from balefire.domain.clock import CameraClock
from balefire.domain.detection import Detection, Hazard
from balefire.domain.event import Sighting
from balefire.domain.geometry import Box, Polygon
from balefire.domain.health import Fault, Finding, Sight, View
from balefire.domain.review import Review, ReviewBox
from balefire.domain.senders import Senders
from balefire.domain.zone import IgnoreZone

ZONE_TIMES = ("until", "since", "trial_until")


def dump_detection(one: Detection) -> str:
    return json.dumps([one.class_name, one.hazard, one.confidence, one.box.xyxy, one.bundle])


@lru_cache(maxsize=4_096)  # the sightings of an open event are read with every frame of its camera
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
    return json.dumps({
        "position": [position.lon, position.lat, position.alt_m] if position else None,
        "azimuth_deg": camera.azimuth_deg, "fov_deg": camera.fov_deg, "mount": camera.mount, "kind": camera.kind,
        "detectors": camera.detectors, "privacy_masks": camera.privacy_masks,
        "ignore_zones": [_dump_zone(zone) for zone in camera.ignore_zones], "tiles": camera.tiles,
    })  # fmt: skip


def load_camera(camera_id: str, name: str, unit: str | None, facts: str, retired_at: datetime | None) -> Camera:
    known: dict[str, Any] = json.loads(facts)
    return Camera(
        id=camera_id, name=name, unit=unit, position=Position(*known["position"]) if known["position"] else None,
        azimuth_deg=known["azimuth_deg"], fov_deg=known["fov_deg"], mount=Mount(known["mount"]), kind=Kind(known["kind"]),
        detectors=tuple(known["detectors"]), privacy_masks=tuple(_polygon(mask) for mask in known["privacy_masks"]),
        ignore_zones=tuple(_load_zone(zone) for zone in known["ignore_zones"]), retired_at=retired_at,
        tiles=Tiles(known.get("tiles", "off")),  # rows of before have none
    )  # fmt: skip


def dump_clock(clock: CameraClock) -> str:
    last = clock.last_received_at
    return json.dumps([clock.skew_s, clock.candidate_s, clock.seen, last.isoformat() if last else None])


def load_clock(text: str) -> CameraClock:
    skew_s, candidate_s, seen, last = json.loads(text)
    return CameraClock(skew_s, candidate_s, seen, datetime.fromisoformat(last) if last else None)


def dump_senders(senders: Senders) -> str:
    known = {name: seen.isoformat() for name, seen in senders.known.items()}
    return json.dumps([senders.last, known, [time.isoformat() for time in senders.returns]]) if senders.last else ""


def load_senders(text: str) -> Senders:
    if not text:
        return Senders()
    last, known, returns = json.loads(text)
    seen = {name: datetime.fromisoformat(time) for name, time in known.items()}
    return Senders(last, seen, tuple(map(datetime.fromisoformat, returns)))


def dump_pose(pose: Pose | None) -> str | None:
    if pose is None:
        return None
    position = pose.position
    return json.dumps([[position.lon, position.lat, position.alt_m] if position else None, pose.azimuth_deg])


def load_pose(text: str | None) -> Pose | None:
    if text is None:
        return None
    position, azimuth_deg = json.loads(text)
    return Pose(Position(*position) if position else None, azimuth_deg)


def dump_sight(sight: Sight) -> str:
    """Edges as 16-bit numbers, 256 to one grey value: a slow mean moves by less than one at a time."""
    return json.dumps({
        "at": _dump_time(sight.at), "light": sight.light, "fault": sight.fault,
        "findings": [[_dump_time(one.at), one.fault, one.words] for one in sight.findings],
        "views": {name: _dump_view(view) for name, view in sight.views.items()},
    })  # fmt: skip


def _dump_view(view: View) -> dict[str, Any]:
    means = {one.name: getattr(view, one.name) for one in fields(View) if one.name != "edges"}
    edges = array("H", (round(edge * 256) for edge in view.edges))
    return {**means, "edges": b64encode(edges.tobytes()).decode()}


def load_sight(text: str) -> Sight:
    known: dict[str, Any] = json.loads(text)
    findings = ((datetime.fromisoformat(at), fault, words) for at, fault, words in known["findings"])
    return Sight(
        at=_load_time(known["at"]), light=known["light"], fault=_load_fault(known["fault"]),
        findings=tuple(Finding(at, _load_fault(fault), words) for at, fault, words in findings),
        views={name: View(**{**view, "edges": _load_edges(view["edges"])}) for name, view in known["views"].items()},
    )  # fmt: skip


def _load_edges(text: str) -> tuple[float, ...]:
    return tuple(edge / 256 for edge in array("H", b64decode(text)))


def _load_fault(name: str | None) -> Fault | None:
    return Fault(name) if name else None


def _dump_time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _load_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def dump_set(review: Review) -> dict[str, str]:
    """The boxes that a person set, and the frames they are whole for."""
    boxes = json.dumps([[one.frame, one.hazard, one.box.xyxy] for one in review.boxes])
    return {"boxes": boxes, "frames": json.dumps(review.frames)}


def load_set(boxes: str, frames: str) -> dict[str, Any]:
    found = tuple(ReviewBox(frame, Hazard(hazard), Box(*box)) for frame, hazard, box in json.loads(boxes))
    whole = json.loads(frames) or dict.fromkeys(one.frame for one in found)  # rows of before name none
    return {"boxes": found, "frames": tuple(whole)}


def _dump_zone(zone: IgnoreZone) -> dict[str, object]:
    values = {name: getattr(zone, name) for name in IgnoreZone.__slots__}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _load_zone(known: dict[str, Any]) -> IgnoreZone:
    times = {name: datetime.fromisoformat(known[name]) for name in ZONE_TIMES if known[name]}
    hazard = Hazard(known["hazard"]) if known["hazard"] else None
    return IgnoreZone(**{**known, **times, "polygon": _polygon(known["polygon"]), "hazard": hazard})


def _polygon(points: list[list[float]]) -> Polygon:
    return tuple((x, y) for x, y in points)
