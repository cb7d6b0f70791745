"""Labels that a released detector adds to training pictures whose source leaves a class out: `[pseudo_labels]` of a recipe.

In train alone; the manifest's label marks are of the labels with them, so that a run tells which labels it saw.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from balefire.domain.errors import BadSetting
from balefire.domain.geometry import Box
from balefire.vision.detector import Detector, load_detector
from training.data import Dataset, Sample, labels_of
from training.labels import LabelBox, format_labels
from training.looking import box_of, seeing
from training.recipe import PseudoLabels, Recipe
from training.steps import steps

SAME = 0.5  # a detection that overlaps a labelled box of its class so far is that box


@dataclass(frozen=True, slots=True)
class PseudoLabelled:
    """A training picture whose labels, `labels` as a label file's text, are more than its file holds."""

    sample: Sample
    labels: bytes


def pseudo_labelled(
    recipe: Recipe, asked: PseudoLabels, dataset: Dataset, root: Path, samples: Sequence[Sample], console: Console
) -> list[PseudoLabelled]:
    """The training pictures that gain a box. Raises BadSetting for an unknown source or class, for a recipe whose weights
    shall be free and are not with this teacher; BundleMismatch where there is no such bundle."""
    teacher = load_detector(Path(asked.bundle), "onnxruntime", os.cpu_count() or 1)
    if recipe.commercial_use and teacher.bundle.provenance.get("commercial_use") != "yes":
        raise BadSetting(f"pseudo_labels: {asked.bundle} is not free for commercial use, as commercial_use asks")
    for key in asked.sources:
        if key not in dataset.sources:
            raise BadSetting(f"pseudo_labels: {key} is no source of {dataset.name}")
    for name in asked.classes:
        if name not in dataset.classes or name not in teacher.bundle.classes:
            raise BadSetting(f"pseudo_labels: {name} is no class of {dataset.name} and {asked.bundle}")
    wanted = [one for one in samples if one.split == "train" and one.source in asked.sources]
    if not wanted:
        raise BadSetting(f"pseudo_labels: no training picture is of {', '.join(asked.sources)}; add_lists may bring them")
    with steps(wanted, "pseudo-labels", console) as walk:
        gained = [_with_what_is_seen(sample, teacher, asked, dataset, root) for sample in walk]
    return [one for one in gained if one]


def _with_what_is_seen(
    sample: Sample, teacher: Detector, asked: PseudoLabels, dataset: Dataset, root: Path
) -> PseudoLabelled | None:
    boxes, _ = labels_of(root, dataset, sample.image)
    there = [(dataset.classes[box.class_index], box_of(box)) for box in boxes]
    seen = [
        (found.class_name, found.box)
        for found in seeing(teacher, asked.min_confidence)((root / sample.image).read_bytes())
        if found.class_name in asked.classes
        and not any(name == found.class_name and found.box.iou(box) >= SAME for name, box in there)
    ]
    if not seen:
        return None
    labels = format_labels([*boxes, *(_label(dataset, name, box) for name, box in seen)]).encode()
    counts = Counter(name for name, _ in [*there, *seen])
    mark = hashlib.sha256(labels).hexdigest()
    return PseudoLabelled(replace(sample, label_sha256=mark, boxes=dict(sorted(counts.items()))), labels)


def _label(dataset: Dataset, name: str, box: Box) -> LabelBox:
    return LabelBox.of_corners(dataset.classes.index(name), box.x1, box.y1, box.x2, box.y2)
