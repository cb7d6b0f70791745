"""Thresholds, chosen on val and never on a test list.

The rule. Backgrounds are the val pictures that hold no hazard. The recipe's `false_alarm_budget` is the share of them
that may get a detection of any hazard. Among the thresholds that keep the budget, all hazards together, those are taken
that give the highest sum of F2 (recall counts twice as much as precision: a person checks what is raised, nobody checks
what is not). No threshold is lower than the one with the best F2 of its class, even where the budget would allow it:
below it, boxes without fire come faster than fires. A class that is no hazard takes its best F1.
Thresholds have three digits and are at least 0.05. A box counts as right at IoU 0.5, each labelled box once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from training.counts import Count
from training.looking import Looked
from training.matching import matched_boxes

LEAST = 0.05
STEP = 0.001


@dataclass(frozen=True, slots=True)
class Chosen:
    """`thresholds` per class; `false_alarms`: val backgrounds with a detection of a hazard at them."""

    thresholds: dict[str, float]
    budget: float
    false_alarms: Count
    recall: dict[str, float]
    precision: dict[str, float]


@dataclass(frozen=True, slots=True)
class ScoredBoxes:
    """Found boxes of one class over many pictures, the surest first: `scores`, and whether each is `right`."""

    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    truths: int

    def precision_recall(self, threshold: float) -> tuple[float, float]:
        """At a threshold; both 0 where nothing is found or nothing is there."""
        kept = self.scores >= threshold
        hits = int(self.right[kept].sum())
        return hits / max(int(kept.sum()), 1), hits / max(self.truths, 1)

    def f_score(self, threshold: float, beta: float) -> float:
        precision, recall = self.precision_recall(threshold)
        weight = beta * beta
        return (1 + weight) * precision * recall / max(weight * precision + recall, 1e-12)

    def best(self, beta: float) -> float:
        """The threshold with the highest F-score, rounded; LEAST where nothing is right."""
        steps = np.arange(round(LEAST / STEP), round(1 / STEP)) * STEP
        scores = [self.f_score(float(threshold), beta) for threshold in steps]
        return round(float(steps[int(np.argmax(scores))]), 3)


def choose(looked: Sequence[Looked], classes: Sequence[str], hazards: Mapping[str, str], budget: float) -> Chosen:
    """looked: the val pictures, with scores down to at most 0.05; classes: of the bundle; budget: share, 0–1."""
    scored = {name: scored_boxes(looked, name) for name in classes}
    dangers = [name for name in classes if name in hazards]
    backgrounds = [row for row in looked if not row.holds(dangers)]
    chosen = {name: scored[name].best(beta=1) for name in classes if name not in hazards}
    chosen |= _within(budget, backgrounds, {name: scored[name] for name in dangers})
    figures = {name: scored[name].precision_recall(chosen[name]) for name in classes}
    return Chosen(
        {name: chosen[name] for name in classes}, budget, alarms(backgrounds, chosen, dangers),
        {name: recall for name, (_, recall) in figures.items()}, {name: right for name, (right, _) in figures.items()},
    )  # fmt: skip


def alarms(looked: Sequence[Looked], thresholds: Mapping[str, float], names: Sequence[str]) -> Count:
    """Pictures that get a detection of one of `names`."""
    return Count(int(alarmed(looked, thresholds, names).sum()), len(looked))


def alarmed(looked: Sequence[Looked], thresholds: Mapping[str, float], names: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each picture gets a detection of one of `names`."""
    return np.array([any(row.best([name]) >= thresholds[name] for name in names) for row in looked], np.bool_)


def scored_boxes(looked: Sequence[Looked], name: str) -> ScoredBoxes:
    """Match the boxes of one class, the surest first, each to the free labelled box that it covers best."""
    rows = sorted((row for picture in looked for row in matched_boxes(picture, name, LEAST)), key=lambda row: -row[0])
    truths = sum(truth.class_name == name for picture in looked for truth in picture.truths)
    return ScoredBoxes(np.array([row[0] for row in rows]), np.array([row[1] for row in rows], np.bool_), truths)


def _within(budget: float, backgrounds: Sequence[Looked], scored: Mapping[str, ScoredBoxes]) -> dict[str, float]:
    """The hazards' thresholds: each class may alarm on some of the allowed pictures, all together on no more."""
    names = list(scored)
    allowed = math.floor(budget * len(backgrounds) + 1e-9)
    highest = np.array([[row.best([name]) for name in names] for row in backgrounds]).reshape(-1, len(names))
    steps = [_steps(highest[:, k], allowed, scored[name].best(beta=2)) for k, name in enumerate(names)]
    kept = [values for values in product(*steps) if int((highest >= values).any(axis=1).sum()) <= allowed]
    worth = [sum(scored[name].f_score(value, 2) for name, value in zip(names, values, strict=True)) for values in kept]
    best = max(range(len(kept)), key=lambda k: (worth[k], sum(kept[k])))
    return dict(zip(names, kept[best], strict=True))


def _steps(highest: NDArray[np.float64], allowed: int, lowest: float) -> list[float]:
    """highest: one class's best score on each background. The lowest thresholds that alarm 0, 1 … `allowed` of them."""
    scores = sorted(highest.tolist(), reverse=True)
    bars = [scores[k] if k < len(scores) else 0.0 for k in range(allowed + 1)]
    return sorted({max(lowest, _above(bar)) for bar in bars})


def _above(score: float) -> float:
    """The next threshold of three digits that `score` does not reach, at most 1."""
    return min(1.0, round(math.floor(score / STEP + 1e-9) * STEP + STEP, 3))
