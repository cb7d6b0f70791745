"""Where the threshold for debris lies: what val's backgrounds allow, and never below what is drawn."""

from __future__ import annotations

import pytest

from balefire.domain.detection import Detection, Hazard
from balefire.domain.geometry import Box
from training.debris import DEBRIS, threshold_of
from training.looking import Looked


def _looked(score: float) -> Looked:
    found = (Detection(DEBRIS, Hazard.WASTE, score, Box(0, 0, 1, 1), "debris@0"),) if score else ()
    return Looked("one.jpg", 64, 64, (), found)


@pytest.mark.parametrize(
    ("scores", "passing"),
    [([0.9, *[0.2] * 99], 1), ([0.9, 0.8, 0.7, 0.6, *[0.2] * 96], 3), ([0.5] * 10, 0), ([0.0] * 10, 0)],
)
def test_at_most_three_in_a_hundred_backgrounds_pass(scores: list[float], passing: int) -> None:
    threshold = threshold_of([_looked(score) for score in scores])
    assert threshold >= 0.05
    assert sum(score >= threshold for score in scores) <= passing
