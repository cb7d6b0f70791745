"""Whether an exported graph sees what the trained model sees: the same boxes after suppression on the same pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from balefire.domain.detection import Detection
from training.looking import Looked
from training.precision import average_precision

SCORE_FLOOR = 0.05
SAME_IOU = 0.9
MOST_AP50_LOST = 0.01
LEAST_MATCH = {"fp32": 0.999, "bf16": 0.97, "fp16": 0.97, "int8": 0.97}


@dataclass(frozen=True, slots=True)
class Parity:
    """Over `pictures`: `boxes` of both sides with a score ≥ 0.05; the share of them that has a partner on the other
    side (same class, IoU ≥ 0.9); the largest score difference of partners; the largest AP50 difference of a class."""

    pictures: int
    boxes: int
    matched: float
    score_difference: float
    ap50_difference: float


def compare(ours: Sequence[Looked], theirs: Sequence[Looked], classes: Sequence[str]) -> Parity:
    """ours, theirs: the same pictures in the same order, each with all boxes from 0.05 on."""
    pairs = [_partners(a.found, b.found) for a, b in zip(ours, theirs, strict=True)]
    boxes = sum(len(row.found) for row in (*ours, *theirs))
    gaps = [gap for row in pairs for gap in row]
    before, after = (average_precision(side, classes) for side in (ours, theirs))
    drops = [abs((before[name].ap50 or 0.0) - (after[name].ap50 or 0.0)) for name in classes]
    return Parity(len(ours), boxes, 2 * len(gaps) / boxes if boxes else 1.0, max(gaps, default=0.0), max(drops, default=0.0))


def _partners(ours: Iterable[Detection], theirs: Iterable[Detection]) -> list[float]:
    """Score differences of the boxes that have a partner; each is taken once, the surest first."""
    free, gaps = list(theirs), []
    for box in ours:
        near = [other for other in free if other.class_name == box.class_name and other.box.iou(box.box) >= SAME_IOU]
        if near:
            partner = min(near, key=lambda other: abs(other.confidence - box.confidence))
            free.remove(partner)
            gaps.append(abs(partner.confidence - box.confidence))
    return gaps
