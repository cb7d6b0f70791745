"""An event: one camera, one hazard, one place in the picture, one span of time.

candidate → raised → closed          `closed` means only that sightings ended
candidate → standing → raised        always there: nobody is told until it changes
candidate, standing → closed         never enough sightings: nobody was told, and the reason says why
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from balefire.domain.camera import Pose
from balefire.domain.confirmation import decide
from balefire.domain.detection import Detection, Hazard
from balefire.domain.policy import Policy
from balefire.domain.urgency import queues_at


class EventState(StrEnum):
    CANDIDATE = "candidate"
    RAISED = "raised"
    CLOSED = "closed"
    STANDING = "standing"


class Change(StrEnum):
    """What one frame did to an event."""

    STARTED = "started"
    UPDATED = "updated"
    RAISED = "raised"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A detection that belongs to an event. `captured_at` is the camera's (corrected) clock, UTC."""

    frame: str
    captured_at: datetime
    detection: Detection


@dataclass(slots=True)
class Event:
    """`sightings` are in the order of capture. `group`: events of different hazards at one place share one.

    `preset`: where a turning camera looked; such an event goes on only there. `code`: of the last decision.
    `pose`: where a turning or flying camera stood and looked at its newest sighting.
    `queue_at`: its place in the queue once raised, by urgency; it only ever moves up.
    """

    id: str
    camera: str
    hazard: Hazard
    group: str
    started_at: datetime
    last_seen_at: datetime
    state: EventState = EventState.CANDIDATE
    reason: str = ""
    raised_at: datetime | None = None
    closed_at: datetime | None = None
    preset: str | None = None
    pose: Pose | None = None
    code: str = ""
    queue_at: datetime | None = None
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state is not EventState.CLOSED

    @property
    def confidence(self) -> float:
        """Of the surest sighting, 0–1."""
        return max(sighting.detection.confidence for sighting in self.sightings)

    def fits(self, detection: Detection, policy: Policy, at: datetime | None = None, preset: str | None = None) -> float:
        """How well `detection`, seen `at` that time in that preset, continues this event: IoU with the last box, a little for
        mere nearness, 0 for no."""
        if preset != self.preset or (at is not None and abs((at - self.last_seen_at).total_seconds()) > policy.link_s):
            return 0.0
        last = self.sightings[-1].detection.box
        overlap = last.iou(detection.box)
        if overlap >= policy.link_iou:
            return overlap
        near = last.distance(detection.box) <= policy.link_distance
        return policy.link_iou / 2 if near else 0.0

    def observe(self, sighting: Sighting) -> None:
        """Take one more sighting in, at its own time: a late one never moves `last_seen_at` back."""
        self.sightings.append(sighting)
        self.sightings.sort(key=lambda known: known.captured_at)
        self.started_at = self.sightings[0].captured_at
        self.last_seen_at = self.sightings[-1].captured_at
        self._queue()

    def judge(self, policy: Policy, frame_times: Sequence[datetime], ignored: str | None = None) -> bool:
        """Raise what was seen often enough and is not always there; whether it was raised now. Always leaves a reason.

        frame_times: capture times of the camera's frames, empty ones too; the newest `policy.frames` count.
        ignored: the reason of an ignore zone that holds this place, or None.
        """
        if self.state not in (EventState.CANDIDATE, EventState.STANDING):
            return False
        decision = decide(self.sightings, policy, frame_times, self.state is EventState.STANDING, ignored)
        self.reason, self.code = decision.words, str(decision.reason)
        if decision.stands:
            self.state = EventState.STANDING
        if decision.raises:
            self.state, self.raised_at = EventState.RAISED, self.last_seen_at
            self._queue()
        return decision.raises

    def expire(self, policy: Policy, now: datetime) -> bool:
        """Close when sightings have ended by capture time `now`; whether it closed now."""
        patience_s = {EventState.RAISED: policy.open_s, EventState.STANDING: policy.forget_s}.get(self.state, policy.window_s)
        if self.state is EventState.CANDIDATE:
            patience_s = min(patience_s, policy.link_s)
        if not self.is_open or (now - self.last_seen_at).total_seconds() <= patience_s:
            return False
        if self.raised_at is None:
            self.reason = f"not raised: {self.reason}"
        self.close(now)
        return True

    def close(self, at: datetime) -> None:
        self.state, self.closed_at = EventState.CLOSED, at

    def _queue(self) -> None:
        """Only some sightings may be known here: what they say never takes a place away."""
        if self.raised_at is None:
            return
        boxes = [sighting.detection.box for sighting in self.sightings]
        place = queues_at(self.raised_at, self.hazard, self.confidence, boxes)
        self.queue_at = min(place, self.queue_at or place)
