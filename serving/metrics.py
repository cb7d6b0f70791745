"""Prometheus metrics, in BentoML's registry: CONTRACTS names them; camera and model are labels, never parts of a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from balefire.domain.event import Change
from balefire.domain.health import Fault
from balefire.flows.ports import CameraPulse
from balefire.flows.watch import Answer

FRAMES = Counter("balefire_frames", "Frames answered", ["camera", "status"])
SECONDS = Histogram(
    "balefire_frame_seconds", "Time of one frame by stage", ["stage"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)  # fmt: skip
DEPTH = Gauge("balefire_queue_depth", "Frames that wait for a detector", multiprocess_mode="livesum")
EVENTS = Counter("balefire_events", "What frames did to events", ["hazard", "state"])
LAST_FRAME = Gauge(
    "balefire_camera_last_frame_timestamp_seconds", "When the last frame came", ["camera"], multiprocess_mode="max"
)
DISPATCH = Counter("balefire_dispatch", "Tries to tell the outside, by how they ended", ["channel", "state"])
FAULT = Gauge("balefire_camera_fault", "1 while a fault holds", ["camera", "fault"], multiprocess_mode="max")
STORE = Gauge("balefire_store_bytes", "Bytes of pictures kept", multiprocess_mode="max")


def observe_stages(timing_ms: dict[str, float]) -> None:
    """Milliseconds by stage: decode, infer, total."""
    for stage, value in timing_ms.items():
        SECONDS.labels(stage).observe(value / 1000)


def count_frame(camera: str, answer: Answer, received_at: datetime) -> None:
    """A repeated frame is counted as what it is."""
    FRAMES.labels(camera, "repeated" if answer.repeated else answer.status).inc()
    if answer.repeated:
        return
    observe_stages(answer.timing_ms)
    LAST_FRAME.labels(camera).set(received_at.timestamp())
    for event, change in answer.changed:
        if change in (Change.STARTED, Change.RAISED, Change.CLOSED):
            EVENTS.labels(event.hazard, event.state).inc()


def show_faults(pulses: Iterable[CameraPulse]) -> None:
    """Of all cameras at once; a fault that ended goes to 0."""
    for pulse in pulses:
        for fault in {*pulse.faults, *_faulty.get(pulse.camera, ())}:
            FAULT.labels(pulse.camera, fault).set(fault in pulse.faults)
        if pulse.faults:
            _faulty.setdefault(pulse.camera, set()).update(pulse.faults)


_faulty: dict[str, set[Fault]] = {}  # faults that were shown once


def count_dispatch(channel: str, state: str) -> None:
    """`state`: delivered, retried or failed."""
    DISPATCH.labels(channel, state).inc()
