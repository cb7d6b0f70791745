"""Parity says how far two graphs see the same."""

from __future__ import annotations

import pytest

from tests.training.looks import HERE, THERE, Corners, looked
from training.parity import compare

NEAR = (0.1, 0.1, 0.5, 0.49)  # IoU 0.975 with HERE
FAR = (0.1, 0.1, 0.5, 0.44)  # IoU 0.85
Found = list[tuple[str, float, Corners]]


@pytest.mark.parametrize(
    ("ours", "theirs", "matched", "difference"),
    [
        ([("flame", 0.9, HERE)], [("flame", 0.9, HERE)], 1.0, 0.0),
        ([("flame", 0.9, HERE)], [("flame", 0.8, NEAR)], 1.0, 0.1),
        ([("flame", 0.9, HERE)], [("flame", 0.9, FAR)], 0.0, 0.0),
        ([("flame", 0.9, HERE)], [("smoke", 0.9, HERE)], 0.0, 0.0),
        ([("flame", 0.9, HERE)], [], 0.0, 0.0),
        ([("flame", 0.9, HERE), ("flame", 0.3, THERE)], [("flame", 0.9, HERE)], 2 / 3, 0.0),
        ([("flame", 0.9, HERE), ("flame", 0.5, NEAR)], [("flame", 0.9, HERE)], 2 / 3, 0.0),  # a partner serves once
        ([], [], 1.0, 0.0),
    ],
)
def test_boxes_find_their_partners(ours: Found, theirs: Found, matched: float, difference: float) -> None:
    parity = compare([looked({HERE: "flame"}, ours)], [looked({HERE: "flame"}, theirs)], ["flame", "smoke"])
    assert parity.matched == pytest.approx(matched)
    assert parity.score_difference == pytest.approx(difference)
