"""The JSON that leaves: detections, events, cameras, answers. What is stored to be told later has the same shapes."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from balefire.domain.access import ApiKey, User
from balefire.domain.audit import Entry
from balefire.domain.camera import Camera, Position
from balefire.domain.detection import Detection
from balefire.domain.drill import Drill
from balefire.domain.event import Change, Event
from balefire.domain.frame import Frame, FrameStatus
from balefire.domain.health import Spell
from balefire.domain.review import Review, verdict_of
from balefire.domain.units import Unit
from balefire.domain.zone import IgnoreZone, ZoneState, share
from balefire.flows.ports import CameraPulse

Json = dict[str, Any]


def time(value: datetime | None) -> str | None:
    """RFC 3339 with an offset."""
    return value.isoformat(timespec="milliseconds") if value else None


def detection(found: Detection) -> Json:
    return {
        "class": found.class_name,
        "hazard": found.hazard,
        "confidence": round(found.confidence, 4),
        "box": [round(value, 5) for value in found.box.xyxy],
        "bundle": found.bundle,
    }


def event_summary(event: Event, change: Change) -> Json:
    """What one frame did to an event, as the frame's answer says it."""
    return {
        "id": event.id, "hazard": event.hazard, "state": event.state, "change": change,
        "reason": event.reason, "code": event.code,
    }  # fmt: skip


def event(known: Event, reviews: Sequence[Review] = ()) -> Json:
    """One event with its surest sighting and its verdict (the last review that nobody took back)."""
    surest = max(known.sightings, key=lambda sighting: sighting.detection.confidence)
    return {
        "id": known.id, "camera": known.camera, "hazard": known.hazard, "group": known.group, "state": known.state,
        "reason": known.reason, "code": known.code, "preset": known.preset,
        "position": _position(known.pose.position if known.pose else None),
        "azimuth_deg": known.pose.azimuth_deg if known.pose else None,
        "started_at": time(known.started_at), "last_seen_at": time(known.last_seen_at),
        "raised_at": time(known.raised_at), "closed_at": time(known.closed_at), "queue_at": time(known.queue_at),
        "best": detection(surest.detection),
        "verdict": verdict_of(reviews), "reviews": [review(one) for one in reviews],
    }  # fmt: skip


def event_frame(number: int, event_id: str, frame: Frame, known: Event) -> Json:
    """One picture of an event's sequence. `sightings` are the boxes that belong to the event; all are in `detections`."""
    return {
        "n": number, "id": frame.id, "captured_at": time(frame.captured_at), "width": frame.width, "height": frame.height,
        "picture": f"/v1/events/{event_id}/frames/{number}.jpg" if frame.picture else None,
        "detections": [detection(found) for found in frame.detections],
        "sightings": [detection(s.detection) for s in known.sightings if s.frame == frame.id],
    }  # fmt: skip


def review(one: Review) -> Json:
    boxes = [{"frame": b.frame, "hazard": b.hazard, "box": list(b.box.xyxy)} for b in one.boxes]
    return {
        "id": one.id, "event": one.event, "verdict": one.verdict, "reason": one.reason, "note": one.note,
        "by": one.by, "at": time(one.at), "boxes": boxes, "frames": list(one.frames), "undoes": one.undoes,
    }  # fmt: skip


def _position(known: Position | None) -> Json | None:
    return {"lon": known.lon, "lat": known.lat, "alt_m": known.alt_m} if known else None


def camera(known: Camera) -> Json:
    return {
        "id": known.id, "name": known.name, "unit": known.unit,
        "position": _position(known.position),
        "azimuth_deg": known.azimuth_deg, "fov_deg": known.fov_deg, "mount": known.mount, "kind": known.kind,
        "detectors": list(known.detectors), "privacy_masks": known.privacy_masks,
        "ignore_zones": [zone(one) for one in known.ignore_zones],
        "retired_at": time(known.retired_at), "tiles": known.tiles,
    }  # fmt: skip


def zone(known: IgnoreZone) -> Json:
    return {
        "id": known.id, "polygon": known.polygon, "owner": known.owner, "reason": known.reason, "until": time(known.until),
        "since": time(known.since), "trial_until": time(known.trial_until), "confirmed_by": known.confirmed_by,
        "hazard": known.hazard, "preset": known.preset, "event": known.event,
    }  # fmt: skip


def zone_of(known: IgnoreZone, of: Camera, now: datetime) -> Json:
    """One zone as it stands now. `share`: of the view; `camera_share`: of all its camera's zones that hold."""
    holding = [one.polygon for one in of.ignore_zones if one.state(now) is not ZoneState.EXPIRED]
    return {
        **zone(known), "camera": of.id, "camera_name": of.name, "state": known.state(now), "ends_at": time(known.ends_at),
        "days_left": max(0, math.ceil((known.ends_at - now) / timedelta(days=1))),
        "share": round(share([known.polygon]), 5), "camera_share": round(share(holding), 5),
    }  # fmt: skip


def unit(known: Unit) -> Json:
    return {"id": known.id, "code": known.code, "name": known.name, "kind": known.kind, "parent": known.parent}


def user(known: User) -> Json:
    return {
        "id": known.id, "name": known.name, "role": known.role, "unit": known.unit, "disabled_at": time(known.disabled_at),
    }  # fmt: skip


def key(known: ApiKey) -> Json:
    """Without its secret, which nobody can show again."""
    return {
        "id": known.id, "name": known.name, "scopes": sorted(known.scopes), "camera": known.camera, "unit": known.unit,
        "created_at": time(known.created_at), "revoked_at": time(known.revoked_at),
    }  # fmt: skip


def entry(known: Entry) -> Json:
    act = known.act
    return {
        "number": known.number, "at": time(act.at), "who": act.who, "what": act.what, "subject": act.subject,
        "before": json.loads(act.before or "null"), "after": json.loads(act.after or "null"), "sha256": known.sha256,
    }  # fmt: skip


def drill(known: Drill) -> Json:
    return {
        "id": known.id, "name": known.name, "started_at": time(known.started_at), "started_by": known.started_by,
        "ended_at": time(known.ended_at), "ended_by": known.ended_by,
    }  # fmt: skip


def drill_body(known: Drill, running: bool) -> str:
    """An item of the stream: a drill starts or ends."""
    return json.dumps({"name": known.name, "running": running}, ensure_ascii=False)


def spell(known: Spell) -> Json:
    """One span of a fault; `until` is null while it lasts."""
    return {
        "id": known.id, "camera": known.camera, "fault": known.fault, "blinds": known.fault.blinds, "reason": known.reason,
        "since": time(known.since), "until": time(known.until),
    }  # fmt: skip


def pulse(known: CameraPulse, state: str, per_minute: int) -> Json:
    """How a camera's stream is. `clock_skew` in seconds: the camera's clock minus ours. `unjudged`: faults that its pictures
    do not show, so that nobody is told of them."""
    return {
        "camera": known.camera, "state": state, "frames": known.frames, "frames_per_minute": per_minute,
        "last_frame_at": time(known.last_frame_at), "last_new_at": time(known.last_new_at),
        "last_captured_at": time(known.last_captured_at), "clock_skew": round(known.clock.skew_s, 3),
        "unjudged": list(known.unjudged),
    }  # fmt: skip


def frame_answer(
    frame_id: str, status: FrameStatus, found: Sequence[Detection], events: list[Json], reason: str, bundles: Sequence[Json]
) -> str:
    """The body that `POST /v1/cameras/{camera}/frames` answers, and answers again to the same Frame-Id."""
    body: Json = {"frame_id": frame_id, "status": status, "detections": [detection(one) for one in found], "events": events}
    if reason:
        body["reason"] = reason
    return json.dumps({**body, "bundles": list(bundles)}, ensure_ascii=False)


def change_body(known: Event, change: Change) -> str:
    """An item of the stream about an event."""
    return json.dumps({"change": change, **event(known)}, ensure_ascii=False)


def review_body(known: Event, reviews: Sequence[Review]) -> str:
    return json.dumps({"change": "reviewed", **event(known, reviews)}, ensure_ascii=False)
