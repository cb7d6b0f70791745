"""How an event came about, frame by frame: the stored frames are put to the very rules again, and each answer is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from balefire.domain.camera import Camera
from balefire.domain.event import Event, EventState, Sighting
from balefire.domain.frame import Frame, FrameStatus
from balefire.domain.geometry import Box
from balefire.domain.policy import Policies, Policy
from balefire.flows.linking import ignored_by, is_dark
from balefire.flows.ports import Database, Sky

BEFORE = timedelta(seconds=20)  # shown ahead of the first sighting
NEWEST = 32  # sightings beside the first that an open event is judged by, as `ports.Events.open_of` gives them
MOST_FRAMES = 10_000
EVIDENCE = (FrameStatus.ACCEPTED, FrameStatus.LATE)


@dataclass(frozen=True, slots=True)
class Step:
    """One frame, in the order of arrival. `confidence` and `box` of the sighting, None where the event was not seen in it;
    `state`, `code` and `reason` as they stood after it, `state` None before the event began."""

    captured_at: datetime
    status: FrameStatus
    confidence: float | None
    box: Box | None
    state: EventState | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """`event` as it is stored, `policy` as it stands today for its camera. `agrees`: today's rules decide as it was decided.

    `whole`: no frame is left out; a longer story ends after its first 10,000.
    """

    event: Event
    policy: Policy
    steps: list[Step]
    agrees: bool
    whole: bool = True


def tell(database: Database, event_id: str, policies: Policies, sky: Sky | None = None) -> Story:
    """Raises UnknownEvent."""
    with database.read() as work:
        event = work.events.get(event_id)
        camera = work.cameras.get(event.camera)
        policy = policies.of(event.hazard, camera, is_dark(sky, camera, event.started_at))
        ends_at = max(event.closed_at or event.last_seen_at, event.last_seen_at)
        known = work.frames.times_before(camera.id, event.started_at - BEFORE, policy.frames, event.preset)
        frames = work.frames.between(camera.id, event.started_at - BEFORE, ends_at, event.preset, MOST_FRAMES)
    seen = {sighting.frame: sighting for sighting in event.sightings}
    retold = _Retold(event, camera, policies, sky, known)
    steps = [retold.after(frame, seen.get(frame.id)) for frame in _with_lost(frames, event)]
    ended_quietly = event.state is EventState.CLOSED and retold.event is not None and retold.event.is_open
    same_end = ended_quietly or (retold.event is not None and retold.event.state is event.state)
    agrees = same_end and retold.event is not None and retold.event.raised_at == event.raised_at
    return Story(event, policy, steps, agrees, whole=len(frames) < MOST_FRAMES)


class _Retold:
    """The event once more, from nothing."""

    def __init__(
        self, stored: Event, camera: Camera, policies: Policies, sky: Sky | None, known: Iterable[datetime]
    ) -> None:  # fmt: skip
        self._stored, self._camera, self._policies, self._sky = stored, camera, policies, sky
        self._times = list(known)
        self.event: Event | None = None

    def after(self, frame: Frame, sighting: Sighting | None) -> Step:
        """Where things stand after one more frame."""
        at = frame.captured_at
        policy = self._policies.of(self._stored.hazard, self._camera, is_dark(self._sky, self._camera, at))
        if self.event is not None:
            self.event.expire(policy, at)
        if frame.status in EVIDENCE:
            self._times.append(at)
        if sighting is not None:
            self._see(sighting, policy)
        box = sighting.detection.box if sighting else None
        confidence = sighting.detection.confidence if sighting else None
        if self.event is None:
            return Step(at, frame.status, confidence, box, None, "", "")
        return Step(at, frame.status, confidence, box, self.event.state, self.event.code, self.event.reason)

    def _see(self, sighting: Sighting, policy: Policy) -> None:
        at = sighting.captured_at
        if self.event is None:
            first = {"state": EventState.CANDIDATE, "reason": "", "code": "", "raised_at": None, "closed_at": None}
            self.event = replace(self._stored, started_at=at, last_seen_at=at, sightings=[sighting], **first)  # type: ignore[arg-type]
        else:
            self.event.observe(sighting)
            self.event.sightings = _judged_by(self.event.sightings)
        ignored = ignored_by(self._camera, sighting.detection, at, self._stored.preset)
        self.event.judge(policy, [time for time in self._times if time <= self.event.last_seen_at], ignored)


def _judged_by(sightings: list[Sighting]) -> list[Sighting]:
    """The first, and the newest that `Watch` would have had before it."""
    return sightings if len(sightings) <= NEWEST + 2 else [sightings[0], *sightings[-(NEWEST + 1) :]]


def _with_lost(frames: Sequence[Frame], event: Event) -> list[Frame]:
    """`frames`, and a stand-in for each sighting whose frame has no row any more; by arrival."""
    there = {frame.id for frame in frames}
    last = max((frame.received_at for frame in frames), default=event.last_seen_at)
    lost = [
        Frame(s.frame, s.frame, event.camera, s.captured_at, s.captured_at, FrameStatus.ACCEPTED, "")
        for s in event.sightings
        if s.frame not in there and s.captured_at <= last
    ]
    return sorted([*frames, *lost], key=lambda frame: (frame.received_at, frame.id))
