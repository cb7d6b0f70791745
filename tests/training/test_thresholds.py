"""The rule of training/thresholds.py, one sentence at a time."""

from __future__ import annotations

import pytest

from tests.training.looks import HERE, THERE, looked
from training.looking import Looked
from training.thresholds import choose

BOTH = {"flame": "flame", "smoke": "smoke"}


def fires(*scores: float, name: str = "flame") -> list[Looked]:
    return [looked({HERE: name}, [(name, score, HERE)]) for score in scores]


def alarmed(*scores: float, name: str = "flame") -> list[Looked]:
    return [looked({}, [(name, score, HERE)]) for score in scores]


@pytest.mark.parametrize(
    ("pictures", "budget", "threshold", "false_alarms"),
    [
        # a tenth of ten backgrounds may alarm: the threshold lies just above the second-highest
        (fires(0.9, 0.5, 0.2) + alarmed(0.8, 0.4, *[0.1] * 8), 0.1, 0.401, 1),
        # none may: just above the highest
        (fires(0.9, 0.5, 0.2) + alarmed(0.8, 0.4, *[0.1] * 8), 0.0, 0.801, 0),
        # the budget would allow 0.05, but F2 is best where the fires end: lower brings nothing
        (fires(0.9, 0.8, 0.7) + [looked({}, [("flame", 0.3, THERE)])] * 20, 1.0, 0.301, 0),
        # nothing was seen anywhere: the floor
        ([looked({HERE: "flame"}), looked()], 0.5, 0.05, 0),
        # no background at all: the best F2 alone, as low as recall asks for
        (fires(0.9, 0.5), 0.03, 0.05, 0),
    ],
)
def test_one_class(pictures: list[Looked], budget: float, threshold: float, false_alarms: int) -> None:
    chosen = choose(pictures, ["flame"], {"flame": "flame"}, budget)
    assert chosen.thresholds == {"flame": pytest.approx(threshold)}
    assert chosen.false_alarms.found == false_alarms


def test_hazards_share_the_budget_where_it_brings_most() -> None:
    """One of ten may alarm: flame gains two fires by it, smoke one."""
    pictures = [
        *fires(0.9, 0.4, 0.4), *fires(0.9, 0.9, 0.4, name="smoke"), *alarmed(0.5), *alarmed(0.5, name="smoke"), *[looked()] * 8,
    ]  # fmt: skip
    chosen = choose(pictures, ["flame", "smoke"], BOTH, 0.1)
    assert chosen.thresholds["flame"] <= 0.4
    assert chosen.thresholds["smoke"] == pytest.approx(0.501)
    assert (chosen.false_alarms.found, chosen.false_alarms.of) == (1, 10)


def test_the_same_picture_alarms_once() -> None:
    both = looked({}, [("flame", 0.6, HERE), ("smoke", 0.6, HERE)])
    pictures = [*fires(0.3), *fires(0.3, name="smoke"), both, *[looked()] * 9]
    chosen = choose(pictures, ["flame", "smoke"], BOTH, 0.1)
    assert max(chosen.thresholds.values()) <= 0.3
    assert chosen.false_alarms.found == 1


def test_a_class_without_hazard_has_no_budget() -> None:
    """A bin is none: it takes its best F1, and pictures of bins count as backgrounds."""
    pictures = [*fires(0.9, 0.8, name="bin"), looked({}, [("bin", 0.3, HERE)]), *fires(0.7)]
    chosen = choose(pictures, ["flame", "bin"], {"flame": "flame"}, 0.0)
    assert 0.3 < chosen.thresholds["bin"] <= 0.8
    assert chosen.false_alarms.of == 3


@pytest.mark.parametrize(("seen", "recall", "precision"), [([HERE], 1.0, 1.0), ([HERE, HERE], 1.0, 0.5), ([THERE], 0, 0)])
def test_a_box_is_right_once(seen: list[tuple[float, float, float, float]], recall: float, precision: float) -> None:
    chosen = choose([looked({HERE: "flame"}, [("flame", 0.9, box) for box in seen])], ["flame"], {"flame": "flame"}, 0.1)
    assert (chosen.recall["flame"], chosen.precision["flame"]) == (recall, precision)
