"""From a graph's output to boxes: both heads, by tables."""

from __future__ import annotations

import numpy as np
import pytest

from balefire.domain.errors import BundleMismatch
from balefire.vision.heads import check_shape, read_head
from tests.vision.graphs import anchors


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(32, 32, 20, 20, 0.9, 0.0)], [(0, 0.9)]),
        ([(32, 32, 20, 20, 0.04, 0.04)], []),  # below the floor
        ([(32, 32, 20, 20, 0.9, 0.0), (33, 32, 20, 20, 0.8, 0.0)], [(0, 0.9)]),  # the same thing twice
        ([(32, 32, 20, 20, 0.9, 0.0), (33, 32, 20, 20, 0.0, 0.8)], [(0, 0.9), (1, 0.8)]),  # flame and smoke at one place
        ([(32, 32, 20, 20, 0.9, 0.6)], [(0, 0.9), (1, 0.6)]),
        ([(10, 10, 8, 8, 0.3, 0.0), (50, 50, 8, 8, 0.7, 0.0)], [(0, 0.7), (0, 0.3)]),  # the surest first
        ([(32, 32, 0, 20, 0.9, 0.0)], []),  # no area
        ([(np.nan, 32, 20, 20, 0.9, 0.0)], []),
    ],
)
def test_anchor_free(rows: list[tuple[float, ...]], expected: list[tuple[int, float]]) -> None:
    found = read_head("anchor-free-nms", anchors(*rows), 2, 0.05)
    assert [(int(c), round(float(s), 4)) for c, s in zip(found.classes, found.scores, strict=True)] == expected


def test_anchor_free_boxes_are_corners() -> None:
    found = read_head("anchor-free-nms", anchors((32, 20, 20, 10, 0.9, 0.0)), 2, 0.05)
    assert found.xyxy_px.tolist() == [[22, 15, 42, 25]]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, 2, 30, 40, 0.9, 1)], [(1, 0.9)]),
        ([(1, 2, 30, 40, 0.9, 1), (1, 2, 30, 40, 0.8, 1)], [(1, 0.9), (1, 0.8)]),  # this head has suppressed already
        ([(1, 2, 30, 40, 0.01, 0)], []),
        ([(30, 2, 1, 40, 0.9, 0)], []),
    ],
)
def test_end_to_end(rows: list[tuple[float, ...]], expected: list[tuple[int, float]]) -> None:
    found = read_head("end-to-end", np.array([rows], np.float32), 2, 0.05)
    assert [(int(c), round(float(s), 4)) for c, s in zip(found.classes, found.scores, strict=True)] == expected


def test_end_to_end_names_only_classes_of_the_bundle() -> None:
    with pytest.raises(BundleMismatch, match="class 7"):
        read_head("end-to-end", np.array([[(1, 2, 30, 40, 0.9, 7)]], np.float32), 2, 0.05)


@pytest.mark.parametrize(
    ("head", "shape", "said"),
    [
        ("anchor-free-nms", (1, 84, 8400), r"expected \(1, 6, n\), got \(1, 84, 8400\)"),
        ("anchor-free-nms", (1, 300, 6), r"expected \(1, 6, n\), got \(1, 300, 6\)"),
        ("end-to-end", (1, 6, 8400), r"expected \(1, n, 6\), got \(1, 6, 8400\)"),
        ("end-to-end", (300, 6), r"got \(300, 6\)"),
    ],
)
def test_a_shape_of_another_head_is_refused(head: str, shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(BundleMismatch, match=said):
        check_shape(head, shape, 2)  # type: ignore[arg-type]
