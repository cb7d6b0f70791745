"""Found boxes held against labelled ones, picture by picture: what average precision and its interval are counted from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from balefire.domain.geometry import Box
from training.looking import Looked

RIGHT_IOU = 0.5
MOST_BOXES = 100  # a picture and class: COCO's limit


@dataclass(frozen=True, slots=True)
class Matched:
    """One class on one list. Found boxes, the surest first: `scores`, whether each is `right`, the `picture` it is on.
    `truths`: labelled boxes of each picture."""

    scores: NDArray[np.float32]
    right: NDArray[np.bool_]
    picture: NDArray[np.int32]
    truths: NDArray[np.int32]


def match(looked: Sequence[Looked], name: str) -> Matched:
    """By COCO's rule at IoU 0.5: the surest box first takes the free labelled box that it covers best."""
    rows = [(score, right, k) for k, picture in enumerate(looked) for score, right in matched_boxes(picture, name)]
    order = np.argsort([-score for score, _, _ in rows], kind="stable")
    scores, right, picture = (np.array([row[column] for row in rows])[order] for column in range(3)) if rows else ([], [], [])
    truths = [sum(truth.class_name == name for truth in one.truths) for one in looked]
    return Matched(
        np.asarray(scores, np.float32), np.asarray(right, np.bool_), np.asarray(picture, np.int32), np.array(truths, np.int32)
    )


def matched_boxes(picture: Looked, name: str, least: float = 0.0) -> Iterator[tuple[float, bool]]:
    """(score, right) of the boxes of one class with at least the score `least`, the surest first."""
    free = [truth.box for truth in picture.truths if truth.class_name == name]
    found = [seen for seen in picture.found if seen.class_name == name and seen.confidence >= least]
    for seen in sorted(found, key=lambda seen: -seen.confidence)[:MOST_BOXES]:
        box = covered(seen.box, free)
        if box is not None:
            free.remove(box)
        yield seen.confidence, box is not None


def covered(box: Box, boxes: Sequence[Box]) -> Box | None:
    """The one of `boxes` that `box` covers best, if well enough to be right."""
    best = max(boxes, key=box.iou, default=None)
    return best if best is not None and box.iou(best) >= RIGHT_IOU else None
