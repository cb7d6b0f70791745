"""A detector on the data set's test lists, each by itself: what `report/figures.json` holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from training.bootstrap import Interval, ap50_interval, draws
from training.counts import Count
from training.data import Dataset, JudgeList, check_sample, fingerprint, read_list, scene_of
from training.looking import Looked, See, look_at
from training.matching import Matched, match
from training.places import Places
from training.precision import Precision, average_precision
from training.thresholds import alarmed, alarms

Witness = Callable[[str, JudgeList, Sequence[Looked]], None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a list's figures are counted from, for intervals and comparisons: no pictures, only boxes' scores.

    `scenes`: of each picture, in the list's order; `matched`: of each judged class; `alarmed`: whether each picture of a
    list without any hazard got a detection at the thresholds.
    """

    scenes: tuple[str, ...]
    matched: dict[str, Matched] = field(default_factory=dict)
    alarmed: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class ListFigures:
    """One list. `intervals`: of AP50, 95 %, drawn over scenes. `pictures_found`: of the pictures that hold a class, those
    in which it was found at its threshold, wherever; under "any hazard", those that hold any hazard and got any.
    `fingerprint`: SHA-256 of pictures and labels.
    """

    name: str
    pictures: int
    fingerprint: str
    precision: dict[str, Precision] = field(default_factory=dict)
    intervals: dict[str, Interval | None] = field(default_factory=dict)
    pictures_found: dict[str, Count] = field(default_factory=dict)
    false_alarms: Count | None = None
    evidence: Evidence = Evidence(())


@dataclass(frozen=True, slots=True)
class Figures:
    """`subject`: the bundle's reference or the run's name. `thresholds`: those at which pictures were counted."""

    subject: str
    thresholds: dict[str, float]
    lists: list[ListFigures]


def judge(
    see: See, subject: str, thresholds: Mapping[str, float], hazards: Mapping[str, str],
    dataset: Dataset, places: Places, console: Console, witness: Witness | None = None,
) -> Figures:  # fmt: skip
    """Look at every test list of `dataset`. hazards: class → hazard, as in the bundle. Raises BadLabel, BadSetting.

    witness: is handed each list with all that was seen on it, for contact sheets.
    """
    rows = []
    for name, test in dataset.lists.test.items():
        images = read_list(places.pictures, test.path)
        mark = fingerprint([check_sample(places.pictures, dataset, name, image) for image in images])
        looked = look_at(see, places.pictures, dataset, images, f"looking at {name}", console)
        scenes = [scene_of(dataset, image) for image in images]
        rows.append(figures_of(name, mark, test, looked, scenes, thresholds, hazards))
        if witness is not None:
            witness(name, test, looked)
    return Figures(subject, dict(thresholds), rows)


def figures_of(
    name: str,
    mark: str,
    test: JudgeList,
    looked: Sequence[Looked],
    scenes: Sequence[str],
    thresholds: Mapping[str, float],
    hazards: Mapping[str, str],
) -> ListFigures:
    """Count one list by what it may be judged by. scenes: of each picture."""
    dangers = [key for key in thresholds if key in hazards]
    found = {key: pictures_found(looked, [key], thresholds) for key in (*test.judge, *test.by_picture)}
    if len(found) > 1:
        found["any hazard"] = pictures_found(looked, dangers, thresholds)
    matched = {key: match(looked, key) for key in test.judge}
    drawn = draws(scenes) if matched else None
    return ListFigures(
        name,
        len(looked),
        mark,
        average_precision(looked, test.judge) if test.judge else {},
        {key: ap50_interval(one, drawn) for key, one in matched.items() if drawn is not None},
        found,
        alarms(looked, thresholds, dangers) if test.backgrounds else None,
        Evidence(tuple(scenes), matched, alarmed(looked, thresholds, dangers) if test.backgrounds else None),
    )


def pictures_found(looked: Sequence[Looked], names: Sequence[str], thresholds: Mapping[str, float]) -> Count:
    """Of the pictures that hold one of `names`, those that get a detection of one of them."""
    holding = [row for row in looked if row.holds(names)]
    return alarms(holding, thresholds, names)
