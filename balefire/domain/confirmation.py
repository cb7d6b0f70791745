"""Whether what was seen so far is enough to tell people: one decision, with its reason, for every sighting.

Pure: an event, its policy and the camera's frames in, a decision out. `balefire why` asks again, sighting by sighting.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from balefire.domain.policy import NEVER, Policy

if TYPE_CHECKING:
    from balefire.domain.event import Sighting


class Reason(StrEnum):
    """Stable codes: the first three raise, the others say why not."""

    SEEN = "seen"  # often enough
    SURE = "sure"  # not as often, but plainly
    CHANGED = "changed"  # a standing thing that grew
    FEW = "few"  # not often enough
    SHORT = "short"  # often enough, but not for long enough
    FAINT = "faint"  # often enough, but never plain, and it neither grows nor drifts
    STEADY = "steady"  # it neither flickers nor drifts
    STANDING = "standing"  # always there
    IGNORED = "ignored"  # in an ignore zone


RAISING = frozenset({Reason.SEEN, Reason.SURE, Reason.CHANGED})


@dataclass(frozen=True, slots=True)
class Decision:
    """`words`: for people, figures included. `stands`: the thing is now known to be always there."""

    reason: Reason
    words: str
    stands: bool = False

    @property
    def raises(self) -> bool:
        return self.reason in RAISING


def decide(
    sightings: Sequence[Sighting], policy: Policy, frame_times: Sequence[datetime], standing: bool, ignored: str | None = None
) -> Decision:
    """sightings: of one event, in order; frame_times: of the camera's frames up to the last of them, empty ones too.

    standing: whether it is known to be always there; ignored: the reason of an ignore zone that holds it, or None.
    """
    latest = sightings[-1].captured_at
    considered = sorted(time for time in frame_times if time <= latest)[-policy.frames :]
    since = max([latest - timedelta(seconds=policy.window_s), *considered[:1]])
    best: dict[datetime, float] = {}
    for sighting in sightings:
        if since <= sighting.captured_at <= latest:
            best[sighting.captured_at] = max(best.get(sighting.captured_at, 0.0), sighting.detection.confidence)
    span_s = (max(best) - min(best)).total_seconds()
    counted = f"{len(best)} of {len(considered)} frames in {span_s:.0f} s"
    weight = sum(2 if score >= policy.sure else 1 for score in best.values())
    if weight < policy.sightings or (len(best) < 2 <= policy.sightings):
        return Decision(Reason.FEW, f"{counted}; {policy.sightings} of {policy.frames} raise")
    lasted_s = (latest - sightings[0].captured_at).total_seconds()
    if lasted_s < policy.dwell_s:
        return Decision(Reason.SHORT, f"{counted}; there for {lasted_s:.0f} s, {policy.dwell_s:.0f} s raise")
    if ignored:
        return Decision(Reason.IGNORED, f"{counted}; ignored: {ignored}")
    if standing:
        return _changed(sightings, policy, counted)
    overlap = _steadiness(sightings, policy)
    if overlap is not None and overlap >= policy.steady_iou:
        stands = lasted_s >= policy.standing_s
        words = f"{counted}; steady: its boxes overlap by {overlap:.0%} from sighting to sighting"
        return Decision(Reason.STANDING if stands else Reason.STEADY, words, stands)
    counted = f"{len(best)} of {len(considered)} sightings in {span_s:.0f} s"
    counting = [sighting for sighting in sightings if sighting.captured_at >= since]
    if max(best.values()) < policy.plain and not _moves(counting, policy):
        return Decision(Reason.FAINT, f"{counted}; faint, neither growing nor drifting")
    return Decision(Reason.SEEN if len(best) >= policy.sightings else Reason.SURE, counted + _growth(sightings, counting))


def _steadiness(sightings: Sequence[Sighting], policy: Policy) -> float | None:
    """Median overlap of each sighting with the one before, of the newest; None before there are enough to tell."""
    if policy.steady_iou >= NEVER or len(sightings) < policy.steady_sightings:
        return None
    newest = sightings[-policy.steady_sightings :]
    return statistics.median(one.detection.box.iou(other.detection.box) for one, other in pairwise(newest))


def _moves(sightings: Sequence[Sighting], policy: Policy) -> bool:
    """Whether the last half of the sightings is larger than the first, or lies elsewhere by its own size."""
    half = len(sightings) // 2
    first, last = ([sighting.detection.box for sighting in part] for part in (sightings[:half], sightings[-half:]))
    if not first:
        return False
    before, after = (statistics.median(box.area for box in part) for part in (first, last))
    if after >= policy.grown * before:
        return True
    (x1, y1), (x2, y2) = (_middle([box.centre for box in part]) for part in (first, last))
    return math.dist((x1, y1), (x2, y2)) >= math.sqrt(before)


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return statistics.fmean(x for x, _ in points), statistics.fmean(y for _, y in points)


def _changed(sightings: Sequence[Sighting], policy: Policy, counted: str) -> Decision:
    """Whether what was always there grew: the newest sightings against those before them."""
    now = [sighting.detection.box.area for sighting in sightings[-policy.sightings :]]
    before = [sighting.detection.box.area for sighting in sightings[: -policy.sightings]] or now
    grown = min(now) / statistics.median(before)
    if grown >= policy.regrown:
        return Decision(Reason.CHANGED, f"{counted}; always there, but {grown:.1f} times as large now")
    return Decision(Reason.STANDING, f"{counted}; always there")


def _growth(sightings: Sequence[Sighting], counting: Sequence[Sighting]) -> str:
    """Words for how the box grew since it was first seen, where it did; and how fast, over those that count."""
    grown = _times(sightings)
    if grown <= 1.2:
        return ""
    a_frame = _times(counting) ** (1 / max(len(counting) - 1, 1)) - 1
    return f", grown to {grown:.1f} times" + (f", {a_frame:.0%} a frame" if a_frame >= 0.005 else "")


def _times(sightings: Sequence[Sighting]) -> float:
    return sightings[-1].detection.box.area / sightings[0].detection.box.area
