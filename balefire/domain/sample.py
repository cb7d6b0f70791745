"""What a picture teaches, by what people said of it: its boxes, none at all, or that it teaches nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from balefire.domain.detection import Detection, Hazard
from balefire.domain.frame import Frame
from balefire.domain.geometry import Box
from balefire.domain.review import Review, Verdict, counting

Labels = tuple[tuple[Hazard, Box], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one event showed in one frame, nothing where the frame only surrounds it, and what people said of that event."""

    event: str
    detections: tuple[Detection, ...]
    reviews: tuple[Review, ...]

    @property
    def counts(self) -> Review | None:
        """The review that counts; None: nobody decided, or it was taken back."""
        found = counting(self.reviews)
        return found[-1] if found else None

    def sets(self, frame: str) -> bool:
        """Whether whoever decided surely said what this frame shows."""
        return self.counts is not None and self.counts.verdict is not Verdict.UNSURE and frame in self.counts.frames


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture to learn from; without labels it is a background. `by_hand`: a person set its boxes."""

    frame: Frame
    labels: Labels
    by_hand: bool
    reviews: tuple[Review, ...]


def sample(frame: Frame, seen: Sequence[Seen], hazards: Sequence[Hazard] = tuple(Hazard)) -> Sample | None:
    """None: part of what is on the picture was decided by nobody, or unsurely, so that it teaches nothing.

    What a person set is taken as they left it. Else the boxes of real events are right, and those of false ones show nothing.
    """
    setting = [one.counts for one in seen if one.counts and one.sets(frame.id)]
    if setting:
        last = max(setting, key=lambda review: (review.at, review.id))
        boxes = [(one.hazard, one.box) for one in last.boxes if one.frame == frame.id]
        return Sample(frame, _wanted(boxes, hazards), True, (last,))
    shown = [one for one in seen if one.detections]
    sure = tuple(one.counts for one in shown if one.counts and one.counts.verdict is not Verdict.UNSURE)
    if not shown or len(sure) < len(shown) or _unexplained(frame, shown):
        return None
    real = [found for one in shown if one.counts and one.counts.verdict is Verdict.REAL for found in one.detections]
    return Sample(frame, _wanted([(one.hazard, one.box) for one in real if one.hazard], hazards), False, sure)


def _unexplained(frame: Frame, seen: Sequence[Seen]) -> bool:
    """Whether a hazard was detected there that belongs to no event."""
    known = {found.box for one in seen for found in one.detections}
    return any(found.hazard and found.box not in known for found in frame.detections)


def _wanted(boxes: Sequence[tuple[Hazard, Box]], hazards: Sequence[Hazard]) -> Labels:
    return tuple((hazard, box) for hazard, box in boxes if hazard in hazards)
