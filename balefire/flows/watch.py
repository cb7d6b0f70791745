"""A frame becomes detections, and detections become events: the one way on which everything is judged."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ulid import ULID

from balefire.domain.camera import Camera, Mount, Pose
from balefire.domain.detection import Detection
from balefire.domain.errors import BadInput, NaiveTime, Replaced
from balefire.domain.event import Change, Event, EventState, Sighting
from balefire.domain.frame import Frame, FrameStatus, Keep
from balefire.domain.glance import Glance
from balefire.domain.health import SIGHT, Fault
from balefire.domain.policy import Policies
from balefire.domain.retention import worth_a_picture
from balefire.flows.dispatch import tell_event
from balefire.flows.health import faults_of_stream, is_due, look, note_gap, settle
from balefire.flows.linking import event_for, ignored_by, is_dark, new_event
from balefire.flows.ports import CameraPulse, Clock, Database, Eye, FrameStore, Seen, Sky, Work
from balefire.flows.pulses import first_of_minute, keep_of, pulse_after, status_of
from balefire.flows.wire import change_body, event_summary, frame_answer

LIVE_S = 30.0  # older frames go to the backfill lane


@dataclass(frozen=True, slots=True)
class Incoming:
    """A frame as it came: `picture` is the image file's bytes; None where the camera gave no id or time.

    preset: the name of where a turning camera looks; pose: where a turning or flying one stands and looks.
    agent: who sends, where several might: another name after every start; None for a frame that waited in a spool.
    named_here: the camera gave no id, so this frame cannot have been here.
    """

    camera: str
    picture: bytes
    received_at: datetime
    frame_id: str | None = None
    captured_at: datetime | None = None
    preset: str | None = None
    pose: Pose | None = None
    agent: str | None = None
    named_here: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is the JSON answered; `repeated`: this frame was here before and got the stored answer again.

    changed: events, and what this frame did to each. timing_ms: how long each stage took, in milliseconds; empty where nothing
    was looked at.
    """

    body: str
    status: FrameStatus
    repeated: bool = False
    changed: Sequence[tuple[Event, Change]] = ()
    timing_ms: dict[str, float] = field(default_factory=dict)


class Watch:
    """Takes frames. Holds no state of a camera: that lives in the database, so replicas are free."""

    def __init__(
        self,
        database: Database,
        store: FrameStore,
        eye: Eye,
        policies: Policies,
        clock: Clock,
        threads: Executor,
        ring_s: float = 20.0,
        sky: Sky | None = None,
        silent_s: float = 60.0,
        look_s: float = 5.0,
    ) -> None:
        self._database, self._store, self._eye = database, store, eye
        self._policies, self._clock, self._threads = policies, clock, threads
        self._ring, self._sky = timedelta(seconds=ring_s), sky
        self._silent_s, self._look = silent_s, timedelta(seconds=look_s)

    async def take(self, incoming: Incoming) -> Answer:
        """Look at one frame and remember it. Returns only after the row is committed.

        Raises UnknownCamera, NaiveTime, BadInput (no picture), QueueFull, StoreFull.
        """
        incoming = _completed(incoming)
        loop = asyncio.get_running_loop()
        camera, pulse, known = await loop.run_in_executor(self._threads, self._before, incoming)
        if known is not None:
            return _again(known)
        assert incoming.captured_at is not None
        captured_at = pulse.clock.learn(incoming.captured_at, incoming.received_at).correct(incoming.captured_at)
        age_s = (incoming.received_at - captured_at).total_seconds()
        try:
            late = age_s > LIVE_S
            glance = not late and is_due(pulse, captured_at, self._look)
            seen = await self._eye.look(incoming.picture, camera, captured_at, backfill=late, glance=glance)
        except Replaced:
            return await loop.run_in_executor(self._threads, self._skip, incoming, captured_at, "replaced")
        return await loop.run_in_executor(self._threads, self._remember, incoming, camera, seen)

    def _before(self, incoming: Incoming) -> tuple[Camera, CameraPulse, Frame | None]:
        self._store.check_room()
        with self._database.read() as work:
            return *work.cameras.with_pulse(incoming.camera), _known(work, incoming)

    def _skip(self, incoming: Incoming, captured_at: datetime, reason: str) -> Answer:
        """A waiting frame that a newer one displaced: it leaves a row, and is no evidence."""
        assert incoming.frame_id is not None
        with self._database.begin() as work:
            work.cameras.lock(incoming.camera)
            known = _known(work, incoming)
            if known:
                return _again(known)
            body = frame_answer(incoming.frame_id, FrameStatus.SKIPPED, (), [], reason, self._eye.bundles())
            work.frames.add(
                Frame(
                    id=str(ULID()), frame_id=incoming.frame_id, camera=incoming.camera, captured_at=captured_at,
                    received_at=incoming.received_at, status=FrameStatus.SKIPPED, answer=body, reason=reason,
                )
            )  # fmt: skip
        return Answer(body, FrameStatus.SKIPPED)

    def _remember(self, incoming: Incoming, camera: Camera, seen: Seen) -> Answer:
        """One transaction: the frame's row, what it did to events, and what the stream tells."""
        assert incoming.frame_id is not None
        assert incoming.captured_at is not None
        row_id, digest = str(ULID()), hashlib.sha256(incoming.picture).hexdigest()
        with self._database.begin() as work:
            pulse = work.cameras.lock(incoming.camera)
            known = _known(work, incoming)
            if known:
                return _again(known)
            clock = pulse.clock.learn(incoming.captured_at, incoming.received_at)
            captured_at = clock.correct(incoming.captured_at)
            status = status_of(camera, pulse, captured_at, digest)
            frame = Frame(
                id=row_id, frame_id=incoming.frame_id, camera=camera.id, captured_at=captured_at,
                received_at=incoming.received_at, status=status, answer="", width=seen.width, height=seen.height,
                picture=_picture_key(camera.id, captured_at, row_id), picture_sha256=digest,
                keep=keep_of(pulse, captured_at, status), first_of_minute=first_of_minute(pulse, captured_at),
                detections=seen.detections,
                preset=incoming.preset if camera.mount is Mount.TURNING else None,
                pose=incoming.pose if camera.mount is not Mount.FIXED else None,
            )  # fmt: skip
            camera = _posed(camera, frame)
            found = (*seen.detections, *seen.faint)
            changed = [] if status is FrameStatus.FROZEN else self._observe(work, camera, frame, found)
            shown = [pair for pair in changed if worth_a_picture(*pair, frame)]
            if shown:
                frame = replace(frame, keep=Keep.EVENT)
            body = frame_answer(
                frame.frame_id,
                status,
                seen.detections,
                [event_summary(*pair) for pair in changed],
                frame.reason,
                self._eye.bundles(),
            )
            work.frames.add(replace(frame, answer=body))
            self._link(work, frame, shown)
            work.cameras.save_pulse(
                self._check(work, camera, pulse, pulse_after(pulse, frame, clock, incoming.agent), frame, seen.glance)
            )
            assert frame.picture is not None
            self._store.put(frame.picture, seen.stored)  # before the commit: acknowledged means durable
        return Answer(body, status, changed=changed, timing_ms=seen.timing_ms)

    def _observe(
        self, work: Work, camera: Camera, frame: Frame, found: Sequence[Detection]
    ) -> list[tuple[Event, Change]]:  # fmt: skip
        """found: what was seen, down to the scores that policies count; a frame's own detections end at the bundle's."""
        events = work.events.open_of(camera.id)
        if not (events or found):
            return []
        dark = is_dark(self._sky, camera, frame.captured_at)
        changed: dict[str, tuple[Event, Change]] = {}
        times: dict[tuple[datetime, int], list[datetime]] = {}  # events of one frame ask for the same ones
        for event in events:
            if event.expire(self._policies.of(event.hazard, camera, dark), frame.captured_at):
                changed[event.id] = (event, Change.CLOSED)
        for detection in sorted(found, key=lambda one: -one.confidence):
            if detection.hazard is None:
                continue
            policy = self._policies.of(detection.hazard, camera, dark)
            if detection.confidence < policy.confidence:
                continue
            known = event_for(events, detection, policy, frame)
            if known is not None and known.id in changed:
                continue  # a second box on the same fire is the same fire
            event = known or new_event(work, camera, frame, detection, events)
            if known is None:
                events.append(event)
                work.events.add(event)
                changed[event.id] = (event, Change.STARTED)
            else:
                event.observe(Sighting(frame.id, frame.captured_at, detection))
                if frame.pose and event.last_seen_at == frame.captured_at:
                    event.pose = frame.pose.over(event.pose)
                changed[event.id] = (event, Change.UPDATED)
            if event.state is EventState.RAISED:
                continue
            asked = (event.last_seen_at, policy.frames)
            if asked not in times:
                times[asked] = work.frames.times_before(camera.id, *asked, frame.preset)
            if event.judge(
                policy, [*times[asked], frame.captured_at], ignored_by(camera, detection, frame.captured_at, frame.preset)
            ):
                changed[event.id] = (event, Change.RAISED)
        work.events.save(*(event for event, _ in changed.values()))
        for event, change in changed.values():
            if event.raised_at is not None:
                work.changes.add("event", event.id, change_body(event, change), frame.received_at)
                tell_event(work, event, change, frame.received_at)
        return list(changed.values())

    def _check(
        self, work: Work, camera: Camera, before: CameraPulse, pulse: CameraPulse, frame: Frame, glance: Glance | None
    ) -> CameraPulse:
        """Does this camera see? Writes only where that changed, or where a picture was judged."""
        note_gap(work, before, frame.received_at, self._silent_s)
        found = faults_of_stream(pulse)
        if glance is not None and frame.status is FrameStatus.ACCEPTED and Fault.CONTESTED not in found:
            holding, unjudged = look(work, camera, glance, frame.captured_at, frame.preset, self._sky)
            pulse = replace(pulse, looked_at=frame.captured_at, unjudged=unjudged)
            found |= holding
        else:
            found |= {fault: (frame.captured_at, "") for fault in pulse.faults if fault in SIGHT}
        return pulse if set(found) == set(pulse.faults) else settle(work, pulse, found, frame.received_at)

    def _link(self, work: Work, frame: Frame, shown: list[tuple[Event, Change]]) -> None:
        """Keep the frames that show an event, and the seconds before it began and before it was raised."""
        for event, change in shown:
            rows = [frame.id]
            if change in (Change.STARTED, Change.RAISED):
                before = work.frames.in_ring(frame.camera, frame.captured_at - self._ring, frame.captured_at)
                rows = [*(known.id for known in before), frame.id]
                work.frames.keep([known.id for known in before], Keep.EVENT)
            work.events.link_frames(event.id, list(dict.fromkeys(rows)))


def _completed(incoming: Incoming) -> Incoming:
    """Fill in what the camera left out. Raises NaiveTime, BadInput."""
    captured_at = incoming.captured_at or incoming.received_at
    if captured_at.tzinfo is None:
        raise NaiveTime("Captured-At has no offset: write 2026-01-31T08:00:00+08:00 or …Z")
    frame_id = incoming.frame_id or str(ULID())
    if not (len(frame_id) <= 128 and frame_id.isascii() and frame_id.isprintable()):
        raise BadInput("Frame-Id is at most 128 printable ASCII characters")
    preset = incoming.preset
    if preset is not None and not (1 <= len(preset) <= 63 and preset.isascii() and preset.isprintable()):
        raise BadInput("Camera-Preset is 1 to 63 printable ASCII characters")
    agent = incoming.agent
    if agent is not None and not (1 <= len(agent) <= 100 and agent.isascii() and agent.isprintable()):
        raise BadInput("Camera-Agent is 1 to 100 printable ASCII characters")
    return replace(incoming, captured_at=captured_at, frame_id=frame_id, named_here=incoming.frame_id is None)


def _again(known: Frame) -> Answer:
    return Answer(known.answer, known.status, repeated=True)


def _known(work: Work, incoming: Incoming) -> Frame | None:
    """The row of the same frame, where it was sent before."""
    assert incoming.frame_id is not None
    return None if incoming.named_here else work.frames.find(incoming.camera, incoming.frame_id)


def _posed(camera: Camera, frame: Frame) -> Camera:
    """As it stood when it took the frame: night falls where a drone flies, not where it is at home."""
    return replace(camera, position=frame.pose.position) if frame.pose and frame.pose.position else camera


def _picture_key(camera: str, captured_at: datetime, row_id: str) -> str:
    return f"{camera}/{captured_at:%Y/%m/%d/%H}/{row_id}.jpg"
