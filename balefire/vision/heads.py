"""From a graph's output to boxes. Which head it is stands in the bundle and is never guessed from a shape."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from balefire.domain.bundle import Head
from balefire.domain.errors import BundleMismatch

NMS_IOU = 0.7
MOST_BOXES = 300
MOST_CANDIDATES = 3000  # before suppression; a picture of noise must not cost seconds


@dataclass(frozen=True, slots=True)
class Found:
    """n boxes, the surest first. xyxy_px: (n, 4) letterboxed pixels; scores: (n,) 0–1; classes: (n,) indices."""

    xyxy_px: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.intp]


def read_head(head: Head, raw: NDArray[np.float32], classes: int, floor: float) -> Found:
    """Boxes with a score of at least `floor`, at most 300. Raises BundleMismatch on a shape of another head.

    raw: "anchor-free-nms" (1, 4 + classes, n) float32, centre x, centre y, width, height in letterboxed pixels, then
    one score 0–1 for each class; "end-to-end" (1, n, 6): x1, y1, x2, y2, score, class.
    """
    if head == "end-to-end":
        return _end_to_end(raw, classes, floor)
    return _anchor_free(raw, classes, floor)


def check_shape(head: Head, shape: tuple[int | str, ...], classes: int) -> None:
    """Raises BundleMismatch where `shape` is not what `head` gives; a named (dynamic) dimension fits anything."""
    wanted = (1, "n", 6) if head == "end-to-end" else (1, 4 + classes, "n")
    fits = len(shape) == 3 and all(
        isinstance(size, str) or isinstance(want, str) or size == want for want, size in zip(wanted, shape, strict=True)
    )
    if not fits:
        raise BundleMismatch(f"expected ({', '.join(map(str, wanted))}), got ({', '.join(map(str, shape))})")


def _anchor_free(raw: NDArray[np.float32], classes: int, floor: float) -> Found:
    check_shape("anchor-free-nms", raw.shape, classes)
    # One place may show both flame and smoke: every class above the floor is a candidate, not only the best.
    class_of, anchor = np.nonzero(raw[0, 4:] >= floor)
    scores = raw[0, 4 + class_of, anchor]
    order = np.argsort(-scores, kind="stable")[:MOST_CANDIDATES]
    class_of, anchor, scores = class_of[order], anchor[order], scores[order]
    centre, size = raw[0, 0:2, anchor], raw[0, 2:4, anchor]  # (n, 2) each
    found = _sound(np.hstack((centre - size / 2, centre + size / 2)), scores, class_of)
    return _suppressed(found)


def _suppressed(found: Found) -> Found:
    """Non-maximum suppression within each class, at IoU 0.7 as the training's own evaluation does it."""
    if len(found.scores) == 0:
        return found
    corner, size = found.xyxy_px[:, :2], found.xyxy_px[:, 2:] - found.xyxy_px[:, :2]
    xywh = np.hstack((corner, size)).astype(np.float64)
    kept = cv2.dnn.NMSBoxesBatched(xywh, found.scores, found.classes, 0.0, NMS_IOU)  # type: ignore[arg-type]
    keep = np.sort(np.asarray(kept, np.intp).reshape(-1))[:MOST_BOXES]
    return Found(found.xyxy_px[keep], found.scores[keep], found.classes[keep])


def _end_to_end(raw: NDArray[np.float32], classes: int, floor: float) -> Found:
    check_shape("end-to-end", raw.shape, classes)
    rows = raw[0][raw[0, :, 4] >= floor]
    rows = rows[np.argsort(-rows[:, 4], kind="stable")][:MOST_BOXES]
    class_of = rows[:, 5].astype(np.intp)
    if len(class_of) and not 0 <= class_of.min() <= class_of.max() < classes:
        raise BundleMismatch(f"the graph names class {class_of.max()}, the bundle has {classes}")
    return _sound(rows[:, :4], rows[:, 4], class_of)


def _sound(xyxy_px: NDArray[np.float32], scores: NDArray[np.float32], class_of: NDArray[np.intp]) -> Found:
    """Without boxes that have no area or no number; scores that quantisation lifted over 1 come back to it."""
    sound = np.isfinite(xyxy_px).all(axis=1) & (xyxy_px[:, 2:] > xyxy_px[:, :2]).all(axis=1)
    return Found(xyxy_px[sound], np.minimum(scores[sound], np.float32(1)), class_of[sound])
