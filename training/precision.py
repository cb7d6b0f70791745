"""Average precision by COCO's rules, with faster-coco-eval: https://cocodataset.org/#detection-eval"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from balefire.domain.geometry import Box
from training.looking import Looked

SIZES = ("small", "medium", "large")  # COCO: below 32², below 96², from 96² pixels of the picture


@dataclass(frozen=True, slots=True)
class Precision:
    """One class on one list. `by_size`: AP50 of boxes of that size. None: there is no such box.

    `curve`: precision at recall 0, 0.01 … 1, at IoU 0.5.
    """

    boxes: int
    ap50: float | None
    ap50_95: float | None
    by_size: dict[str, float | None]
    curve: tuple[float, ...] = ()


def average_precision(looked: Sequence[Looked], classes: Sequence[str]) -> dict[str, Precision]:
    """Of each class by itself; boxes of classes that are not in `classes` count neither for nor against."""
    counts = {name: sum(truth.class_name == name for row in looked for truth in row.truths) for name in classes}
    judged = [name for name in classes if counts[name]]
    empty = {name: Precision(0, None, None, dict.fromkeys(SIZES)) for name in classes}
    if not judged:
        return empty
    table = _evaluate(looked, judged)
    return empty | {name: _figures(table[:, :, k, :, -1], counts[name]) for k, name in enumerate(judged)}


def _evaluate(looked: Sequence[Looked], classes: list[str]) -> NDArray[np.float64]:
    """Precision by (IoU 0.5 … 0.95, recall 0 … 1, class, size (all first), most boxes); −1: no such box."""
    from faster_coco_eval import COCO, COCOeval_faster

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(_truths(looked, classes))
        seen = truth.loadRes(_seen(looked, classes))
        judge: Any = COCOeval_faster(truth, seen, "bbox", print_function=lambda _: None)
        judge.evaluate()
        judge.accumulate()
    return np.asarray(judge.eval["precision"], np.float64)


def _figures(table: NDArray[np.float64], boxes: int) -> Precision:
    """table: (10 IoUs, 101 recalls, 4 sizes)."""
    by_size = {size: _mean(table[0, :, k]) for k, size in enumerate(SIZES, start=1)}
    curve = tuple(float(value) for value in table[0, :, 0])
    return Precision(boxes, _mean(table[0, :, 0]), _mean(table[:, :, 0]), by_size, curve)


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[values > -1]
    return float(known.mean()) if known.size else None


def _truths(looked: Sequence[Looked], classes: list[str]) -> dict[str, Any]:
    rows = [
        (image_id, classes.index(truth.class_name) + 1, _xywh_px(truth.box, row))
        for image_id, row in enumerate(looked, start=1)
        for truth in row.truths
        if truth.class_name in classes
    ]
    return {
        "images": [{"id": k, "width": row.width, "height": row.height} for k, row in enumerate(looked, start=1)],
        "categories": [{"id": k, "name": name} for k, name in enumerate(classes, start=1)],
        "annotations": [
            {"id": k, "image_id": image, "category_id": index, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
            for k, (image, index, box) in enumerate(rows, start=1)
        ],
    }


def _seen(looked: Sequence[Looked], classes: list[str]) -> list[dict[str, Any]]:
    rows = [
        {
            "image_id": image_id,
            "category_id": classes.index(seen.class_name) + 1,
            "bbox": _xywh_px(seen.box, row),
            "score": seen.confidence,
        }
        for image_id, row in enumerate(looked, start=1)
        for seen in row.found
        if seen.class_name in classes
    ]
    # The library takes no empty list: a box without a score or a size changes no figure.
    return rows or [{"image_id": 1, "category_id": 1, "bbox": [0.0, 0.0, 0.0, 0.0], "score": 0.0}]


def _xywh_px(box: Box, row: Looked) -> list[float]:
    width, height = box.x2 - box.x1, box.y2 - box.y1
    return [box.x1 * row.width, box.y1 * row.height, width * row.width, height * row.height]
