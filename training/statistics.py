"""What a data set holds, as figures and as plots: classes, sizes of boxes, brightness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from training.checks import lists_of
from training.data import Dataset, labels_of, read_list, source_of
from training.steps import steps


@dataclass(frozen=True, slots=True)
class Pictured:
    """One picture: brightness 0–255 (mean grey level); of each box its class and its share of the picture, 0–1."""

    split: str
    source: str
    brightness: float
    boxes: tuple[tuple[str, float], ...]


def survey(root: Path, dataset: Dataset, console: Console) -> list[Pictured]:
    """Look at every picture of every list. Raises BadLabel, BadSetting."""
    rows = [(split, image) for split, files in lists_of(dataset).items() for file in files for image in read_list(root, file)]
    with steps(rows, "looking", console) as walk:
        return [_pictured(root, dataset, split, image) for split, image in walk]


def _pictured(root: Path, dataset: Dataset, split: str, image: str) -> Pictured:
    grey = cv2.imread(str(root / image), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    boxes, _ = labels_of(root, dataset, image)
    sizes = tuple((dataset.classes[box.class_index], box.w * box.h) for box in boxes)
    return Pictured(split, source_of(dataset, image), float(grey.mean()) if grey is not None else 0.0, sizes)


def table(found: Sequence[Pictured], classes: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Head and rows: pictures, backgrounds, boxes of each class, median box and brightness, for each split and source."""
    head = ["split", "source", "pictures", "backgrounds", *classes, "median box", "median brightness"]
    groups = sorted({(one.split, one.source) for one in found})
    return head, [
        _row(split, source, [o for o in found if (o.split, o.source) == (split, source)], classes) for split, source in groups
    ]


def _row(split: str, source: str, found: Sequence[Pictured], classes: Sequence[str]) -> list[str]:
    counts = [sum(name == kind for one in found for kind, _ in one.boxes) for name in classes]
    areas = [area for one in found for _, area in one.boxes]
    median = f"{np.median(areas):.2%}" if areas else "–"
    backgrounds = sum(not one.boxes for one in found)
    brightness = f"{np.median([one.brightness for one in found]):.0f}"
    return [split, source, str(len(found)), str(backgrounds), *map(str, counts), median, brightness]


def draw(found: Sequence[Pictured], classes: Sequence[str], title: str, path: Path) -> None:
    """Three plots: boxes of each class by split, sizes of boxes, brightness by split."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, (counts, sizes, light) = pyplot.subplots(1, 3, figsize=(13, 4), dpi=110, layout="constrained")
    kinds = {"train": [], "val": [], "test": []}  # type: dict[str, list[Pictured]]
    for one in found:
        kinds[one.split.split()[0]].append(one)
    for k, (split, rows) in enumerate(kinds.items()):
        heights = [sum(name == kind for one in rows for kind, _ in one.boxes) for name in classes]
        counts.bar(np.arange(len(classes)) + 0.27 * (k - 1), heights, 0.25, label=split)
        light.hist([one.brightness for one in rows], bins=np.linspace(0, 255, 40), histtype="step", density=True, label=split)
    counts.set_xticks(range(len(classes)), classes)
    counts.set(title=f"{title}: boxes", yscale="log")
    for name in classes:
        areas: NDArray[np.float64] = np.array([area for one in found for kind, area in one.boxes if kind == name])
        if areas.size:
            sizes.hist(np.sqrt(areas), bins=np.linspace(0, 1, 40), histtype="step", density=True, label=name)
    sizes.set(title="side of a box, as a share of the picture's")
    light.set(title="brightness of a picture, 0–255")
    for axes in (counts, sizes, light):
        axes.legend(fontsize=8)
        axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)
