"""Where a frame stands among those of its camera: new, late or frozen, kept for how long; and the camera's pulse after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from balefire.domain.camera import Camera, Mount
from balefire.domain.clock import CameraClock
from balefire.domain.frame import Frame, FrameStatus, Keep
from balefire.flows.health import beat
from balefire.flows.ports import CameraPulse

REFERENCE_EVERY = timedelta(hours=1)


def status_of(camera: Camera, pulse: CameraPulse, captured_at: datetime, digest: str) -> FrameStatus:
    if camera.mount is not Mount.MOVING and digest == pulse.last_picture_sha256:
        return FrameStatus.FROZEN
    if pulse.last_captured_at is not None and captured_at < pulse.last_captured_at:
        return FrameStatus.LATE
    return FrameStatus.ACCEPTED


def keep_of(pulse: CameraPulse, captured_at: datetime, status: FrameStatus) -> Keep:
    due = pulse.last_reference_at is None or captured_at - pulse.last_reference_at >= REFERENCE_EVERY
    return Keep.REFERENCE if due and status is FrameStatus.ACCEPTED else Keep.RING


def first_of_minute(pulse: CameraPulse, captured_at: datetime) -> bool:
    last = pulse.last_captured_at
    return last is None or last.replace(second=0, microsecond=0) < captured_at.replace(second=0, microsecond=0)


def pulse_after(pulse: CameraPulse, frame: Frame, clock: CameraClock, agent: str | None) -> CameraPulse:
    newest = max(frame.captured_at, pulse.last_captured_at or frame.captured_at)
    return replace(
        beat(pulse, frame.received_at),
        last_frame_at=frame.received_at,
        last_new_at=pulse.last_new_at if frame.status is FrameStatus.FROZEN else frame.received_at,
        last_captured_at=newest,
        last_picture_sha256=frame.picture_sha256,
        last_reference_at=frame.captured_at if frame.keep is Keep.REFERENCE else pulse.last_reference_at,
        clock=clock,
        frames=pulse.frames + 1,
        senders=pulse.senders.take(agent, frame.received_at) if agent else pulse.senders,
    )
