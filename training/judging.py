"""A detector on the data set's test lists, each by itself: what `report/figures.json` holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from training.counts import Count
from training.data import Dataset, JudgeList, check_sample, fingerprint, read_list
from training.looking import Looked, See, look_at
from training.places import Places
from training.precision import Precision, average_precision
from training.thresholds import alarms


@dataclass(frozen=True, slots=True)
class ListFigures:
    """One list. `pictures_found`: of the pictures that hold a class, those in which it was found at its threshold,
    wherever; under "any hazard", those that hold any hazard and got any. `fingerprint`: SHA-256 of pictures and labels.
    """

    name: str
    pictures: int
    fingerprint: str
    precision: dict[str, Precision] = field(default_factory=dict)
    pictures_found: dict[str, Count] = field(default_factory=dict)
    false_alarms: Count | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """`subject`: the bundle's reference or the run's name. `thresholds`: those at which pictures were counted."""

    subject: str
    thresholds: dict[str, float]
    lists: list[ListFigures]


def judge(
    see: See, subject: str, thresholds: Mapping[str, float], hazards: Mapping[str, str],
    dataset: Dataset, places: Places, console: Console,
) -> Figures:  # fmt: skip
    """Look at every test list of `dataset`. hazards: class → hazard, as in the bundle. Raises BadLabel, BadSetting."""
    rows = []
    for name, test in dataset.lists.test.items():
        images = read_list(places.pictures, test.path)
        mark = fingerprint([check_sample(places.pictures, dataset, name, image) for image in images])
        looked = look_at(see, places.pictures, dataset, images, f"looking at {name}", console)
        rows.append(figures_of(name, mark, test, looked, thresholds, hazards))
    return Figures(subject, dict(thresholds), rows)


def figures_of(
    name: str,
    mark: str,
    test: JudgeList,
    looked: Sequence[Looked],
    thresholds: Mapping[str, float],
    hazards: Mapping[str, str],
) -> ListFigures:
    """Count one list by what it may be judged by."""
    dangers = [key for key in thresholds if key in hazards]
    found = {key: pictures_found(looked, [key], thresholds) for key in (*test.judge, *test.by_picture)}
    if len(found) > 1:
        found["any hazard"] = pictures_found(looked, dangers, thresholds)
    precision = average_precision(looked, test.judge) if test.judge else {}
    return ListFigures(
        name, len(looked), mark, precision, found, alarms(looked, thresholds, dangers) if test.backgrounds else None
    )


def pictures_found(looked: Sequence[Looked], names: Sequence[str], thresholds: Mapping[str, float]) -> Count:
    """Of the pictures that hold one of `names`, those that get a detection of one of them."""
    holding = [row for row in looked if row.holds(names)]
    return alarms(holding, thresholds, names)
