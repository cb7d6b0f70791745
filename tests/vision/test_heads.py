"""From a graph's output to boxes: two heads, told apart by the bundle alone."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from balefire.domain.bundle import Head
from balefire.domain.errors import BundleMismatch
from balefire.vision.heads import MOST_BOXES, read_head

NAN = float("nan")


def anchors(*columns: tuple[float, ...]) -> NDArray[np.float32]:
    """(1, 6, n): cx, cy, w, h and two scores for each anchor."""
    return np.array(columns, np.float32).reshape(-1, 6).T[None]


def rows(*values: tuple[float, ...]) -> NDArray[np.float32]:
    return np.array(values, np.float32).reshape(1, -1, 6)


BOX = (50, 50, 20, 20)
NEAR = (51, 50, 20, 20)  # IoU 0.9
APART = (58, 50, 20, 20)  # IoU 0.43

ANCHORS = [
    ("nothing", anchors((*BOX, 0.01, 0.04)), []),
    ("one", anchors((*BOX, 0.9, 0)), [(0, 0.9)]),
    ("the floor itself counts", anchors((*BOX, 0, 0.25)), [(1, 0.25)]),
    ("two anchors, one thing", anchors((*BOX, 0.5, 0), (*NEAR, 0.9, 0)), [(0, 0.9)]),
    ("two things", anchors((*BOX, 0.5, 0), (*APART, 0.9, 0)), [(0, 0.9), (0, 0.5)]),
    ("two classes at one place", anchors((*BOX, 0.5, 0), (*NEAR, 0, 0.9)), [(1, 0.9), (0, 0.5)]),
    ("two classes of one anchor", anchors((*BOX, 0.5, 0.75)), [(1, 0.75), (0, 0.5)]),
    ("no area", anchors((50, 50, 0, 20, 0.9, 0), (50, 50, 20, -5, 0.9, 0)), []),
    ("no end", anchors((50, 50, float("inf"), 20, 0.9, 0)), []),
    ("no number", anchors((NAN, 50, 20, 20, 0.9, 0), (*BOX, NAN, 0.5)), [(1, 0.5)]),
    ("quantised over one", anchors((*BOX, 1.004, 0)), [(0, 1.0)]),
]


@pytest.mark.parametrize(("raw", "expected"), [row[1:] for row in ANCHORS], ids=[row[0] for row in ANCHORS])
def test_anchor_free(raw: NDArray[np.float32], expected: list[tuple[int, float]]) -> None:
    found = read_head("anchor-free-nms", raw, 2, 0.25)
    assert list(zip(found.classes.tolist(), found.scores.tolist(), strict=True)) == [
        (index, pytest.approx(score)) for index, score in expected
    ]


def test_anchor_free_gives_corners() -> None:
    found = read_head("anchor-free-nms", anchors((50, 40, 20, 10, 0.9, 0)), 2, 0.25)
    assert found.xyxy_px.tolist() == [[40, 35, 60, 45]]


END_TO_END = [
    ("nothing", rows((0, 0, 9, 9, 0.1, 0)), []),
    ("the surest first", rows((0, 0, 9, 9, 0.5, 0), (0, 0, 9, 9, 0.8, 1)), [(1, 0.8), (0, 0.5)]),
    ("no suppression", rows((0, 0, 9, 9, 0.8, 0), (0, 0, 9, 9, 0.5, 0)), [(0, 0.8), (0, 0.5)]),
    ("no area", rows((9, 0, 0, 9, 0.8, 0)), []),
]


@pytest.mark.parametrize(("raw", "expected"), [row[1:] for row in END_TO_END], ids=[row[0] for row in END_TO_END])
def test_end_to_end(raw: NDArray[np.float32], expected: list[tuple[int, float]]) -> None:
    found = read_head("end-to-end", raw, 2, 0.25)
    assert list(zip(found.classes.tolist(), found.scores.tolist(), strict=True)) == [
        (index, pytest.approx(score)) for index, score in expected
    ]


MISMATCHES: list[tuple[Head, NDArray[np.float32], str]] = [
    ("anchor-free-nms", np.zeros((1, 84, 8400), np.float32), r"expected \(1, 6, n\), got \(1, 84, 8400\)"),
    ("anchor-free-nms", np.zeros((1, 300, 6), np.float32), r"expected \(1, 6, n\), got \(1, 300, 6\)"),
    ("anchor-free-nms", np.zeros((6, 8400), np.float32), r"expected \(1, 6, n\), got \(6, 8400\)"),
    ("anchor-free-nms", np.zeros((2, 6, 8400), np.float32), r"got \(2, 6, 8400\)"),
    ("end-to-end", np.zeros((1, 6, 8400), np.float32), r"expected \(1, n, 6\), got \(1, 6, 8400\)"),
    ("end-to-end", rows((0, 0, 9, 9, 0.8, 2)), "names class 2, the bundle has 2"),
    ("end-to-end", rows((0, 0, 9, 9, 0.8, -1)), "names class -1"),
]


@pytest.mark.parametrize(("head", "raw", "words"), MISMATCHES)
def test_a_wrong_output_is_named(head: Head, raw: NDArray[np.float32], words: str) -> None:
    with pytest.raises(BundleMismatch, match=words):
        read_head(head, raw, 2, 0.25)


def test_a_picture_of_noise_gives_300_boxes_and_no_delay() -> None:
    rng = np.random.default_rng(0)
    raw = np.concatenate((rng.uniform(20, 600, (1, 2, 8400)), rng.uniform(4, 9, (1, 2, 8400)), rng.random((1, 2, 8400))), 1)
    started = time.process_time()
    found = read_head("anchor-free-nms", raw.astype(np.float32), 2, 0.05)
    assert time.process_time() - started < 0.3
    assert len(found.scores) == MOST_BOXES
    assert (np.diff(found.scores) <= 0).all()
