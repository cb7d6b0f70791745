"""Composed pictures as a part of a training set: `[compose]` of a recipe. In train alone, named as such in the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from balefire.domain.errors import BadLabel, BadSetting
from training.compose import compose, read_cutouts
from training.data import Dataset, Sample
from training.labels import LabelBox, format_labels
from training.recipe import Compose

QUALITY = 92  # of the JPEGs, near that of the pictures beside them
TRIES = 4  # a picture that no heap fits on is tried again on other backgrounds, so many times on average


@dataclass(frozen=True, slots=True)
class ComposedPicture:
    """`sample.image` is a path of the prepared set alone: there is no such file below BALEFIRE_DATASETS."""

    sample: Sample
    jpeg: bytes
    labels: bytes


def composed_pictures(asked: Compose, dataset: Dataset, root: Path, samples: Sequence[Sample]) -> Iterator[ComposedPicture]:
    """`asked.pictures` of them, the same each time. Raises BadSetting for an unknown source or class, BadLabel."""
    for key in (asked.cutouts, *asked.backgrounds):
        if key not in dataset.sources:
            raise BadSetting(f"compose: {key} is no source of {dataset.name}")
    if asked.class_name not in dataset.classes:
        raise BadSetting(f"compose: {asked.class_name} is no class of {dataset.name}")
    empty = [
        one.image for one in samples if one.split == "train" and one.source in asked.backgrounds and not one.boxes
    ]  # fmt: skip
    if not empty:
        raise BadSetting(f"compose: no training picture of {', '.join(asked.backgrounds)} is without boxes")
    cutouts = read_cutouts(root / dataset.sources[asked.cutouts].path)
    random = np.random.default_rng(asked.seed)
    made = 0
    for _ in range(asked.pictures * TRIES):
        if made == asked.pictures:
            return
        background = cv2.imread(str(root / empty[int(random.integers(len(empty)))]))
        if background is None:
            raise BadLabel(f"{root / empty[0]}: cannot be decoded")
        picture = compose(np.asarray(background, np.uint8), cutouts, random)
        if picture.heaps:
            boxes = [LabelBox.of_corners(dataset.classes.index(asked.class_name), *heap.xyxy) for heap in picture.heaps]
            jpeg = cv2.imencode(".jpg", picture.picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
            yield _as_sample(asked, dataset, made, jpeg, boxes)
            made += 1
    raise BadSetting(f"compose: heaps fit on {made} of {asked.pictures} pictures; other backgrounds are needed")


def _as_sample(asked: Compose, dataset: Dataset, number: int, jpeg: bytes, boxes: list[LabelBox]) -> ComposedPicture:
    labels = format_labels(boxes).encode()
    name = f"{dataset.sources[asked.cutouts].path}/composed/images/{number:04}.jpg"
    picture_mark, label_mark = (hashlib.sha256(data).hexdigest() for data in (jpeg, labels))
    sample = Sample("train", name, asked.cutouts, picture_mark, label_mark, {asked.class_name: len(boxes)})
    return ComposedPicture(sample, jpeg, labels)
