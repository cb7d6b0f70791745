"""Data sets as `datasets/<set>/dataset.toml` describes them, and the manifest of exactly which pictures a run saw.

python -m training.data check fire           # every label and picture of every list
python -m training.data duplicates fire      # pictures that are nearly the same, and whether splits share them
python -m training.data stats fire           # classes, box sizes, brightness
python -m training.data import fire mine.zip --source my-yard --licence "CC BY 4.0"
python -m training.data export fire out/ --format coco
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from balefire.domain.errors import BadLabel, BadSetting
from balefire.strict_toml import StrictModel, read_toml
from training.corrections import Corrections, corrected, read_corrections
from training.labels import LabelBox, format_labels, label_lines, label_path, read_labels


class Source(StrictModel):
    """Where pictures come from. `path` is below BALEFIRE_DATASETS; `pictures` counts those in the lists.

    `scene`: a regular expression on the file's name whose group 1 is the same for pictures of one scene or burst; without
    one, each picture is a scene of its own.
    """

    path: str
    origin: str
    licence: str
    commercial_use: bool
    note: str = ""
    pictures: int
    scene: str = ""

    @field_validator("scene")
    @classmethod
    def _with_a_group(cls, pattern: str) -> str:
        if pattern and re.compile(pattern).groups != 1:
            raise ValueError("a scene is a regular expression with one group")
        return pattern


class JudgeList(StrictModel):
    """One test list, and what it may be judged by: average precision of `judge`, whether a picture's hazard is found at
    all (`by_picture`, where boxes are drawn by taste), or false alarms (`backgrounds`)."""

    path: str
    judge: list[str] = []
    by_picture: list[str] = []
    backgrounds: bool = False
    note: str = ""


class Lists(StrictModel):
    train: list[str]
    val: list[str]
    test: dict[str, JudgeList] = {}


class Dataset(StrictModel):
    """`classes` in label order; list paths are below BALEFIRE_DATASETS, one picture path a line."""

    name: str
    classes: list[str]
    split_rule: str
    lists: Lists
    sources: dict[str, Source]
    corrections: Corrections = Corrections()  # of corrections.toml beside it


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of a prepared set: its split, its path below BALEFIRE_DATASETS, what it holds."""

    split: str
    image: str
    source: str
    image_sha256: str
    label_sha256: str
    boxes: dict[str, int]


Split = Literal["train", "val"]


def read_dataset(descriptions: Path, name: str) -> Dataset:
    """Read `<descriptions>/<name>/dataset.toml`, the sources that were imported beside it, and its corrections.

    Raises BadSetting where there is no such set or a file of it has a fault.
    """
    path = descriptions / name / "dataset.toml"
    dataset = _with_imports(read_toml(path, Dataset), sorted((path.parent / "sources").glob("*.toml")))
    dataset = dataset.model_copy(update={"corrections": read_corrections(path.parent / "corrections.toml")})
    for key, test in dataset.lists.test.items():
        unknown = sorted({*test.judge, *test.by_picture} - set(dataset.classes))
        if unknown:
            raise BadSetting(f"{path}: lists.test.{key}: {unknown[0]} is no class of {dataset.name}")
    return dataset


class ImportedSource(StrictModel):
    """`datasets/<set>/sources/<source>.toml`, as `training.data import` writes it: a source and its lists."""

    source: Source
    train: list[str] = []
    val: list[str] = []
    test: dict[str, JudgeList] = {}


def _with_imports(dataset: Dataset, files: list[Path]) -> Dataset:
    sources, lists = dict(dataset.sources), dataset.lists
    for file in files:
        imported = read_toml(file, ImportedSource)
        if file.stem in sources:
            raise BadSetting(f"{file}: dataset.toml describes a source {file.stem} already")
        sources[file.stem] = imported.source
        lists = Lists(
            train=[*lists.train, *imported.train], val=[*lists.val, *imported.val], test={**lists.test, **imported.test}
        )
    return dataset.model_copy(update={"sources": sources, "lists": lists})


def read_list(root: Path, path: str) -> list[str]:
    """Picture paths of one list, in its order. Raises BadSetting where the list is missing or names a picture twice."""
    file = root / path
    try:
        rows = [row.strip() for row in file.read_text(encoding="utf-8").splitlines() if row.strip()]
    except FileNotFoundError as error:
        raise BadSetting(f"{file}: no such list") from error
    twice = [row for row, count in Counter(rows).items() if count > 1]
    if twice:
        raise BadSetting(f"{file}: names {twice[0]} {Counter(rows)[twice[0]]} times")
    return rows


def source_of(dataset: Dataset, image: str) -> str:
    """The source whose folder holds `image`. Raises BadSetting where none is described."""
    holding = [key for key, source in dataset.sources.items() if image.startswith(source.path + "/")]
    if holding:
        return max(holding, key=lambda key: len(dataset.sources[key].path))
    raise BadSetting(f"datasets/{dataset.name}/dataset.toml: no source holds {image}")


def scene_of(dataset: Dataset, image: str) -> str:
    """The scene that `image` shows: intervals are drawn over scenes, and a split never parts one."""
    key = source_of(dataset, image)
    pattern = dataset.sources[key].scene
    found = re.search(pattern, Path(image).name) if pattern else None
    return f"{key}/{found[1]}" if found else image


def check_sample(root: Path, dataset: Dataset, split: str, image: str) -> Sample:
    """Check one picture and its label. Raises BadLabel with the file (and line) of the first fault."""
    file = root / image
    if not file.is_file():
        raise BadLabel(f"{file}: {split} names it, but there is no such picture")
    boxes, text = labels_of(root, dataset, image)
    counts = Counter(dataset.classes[box.class_index] for box in boxes)
    label_sha256 = hashlib.sha256(text).hexdigest()
    return Sample(split, image, source_of(dataset, image), _sha256(file), label_sha256, dict(sorted(counts.items())))


def labels_of(root: Path, dataset: Dataset, image: str) -> tuple[list[LabelBox], bytes]:
    """The boxes of a picture, corrections applied, and the label file's text with them. Raises BadLabel."""
    path, fixes = label_path(root / image), dataset.corrections.of(image)
    boxes = read_labels(path, len(dataset.classes))
    if not fixes:
        return boxes, path.read_bytes()
    boxes = corrected(label_lines(path), fixes, len(dataset.classes), str(path))
    return boxes, format_labels(boxes).encode()


def fingerprint(samples: list[Sample]) -> str:
    """SHA-256 of the manifest: changes when any picture, label or split changes."""
    return hashlib.sha256(manifest_text(samples).encode()).hexdigest()


def manifest_text(samples: list[Sample]) -> str:
    """One JSON object a line, ordered by split and path."""
    ordered = sorted(samples, key=lambda sample: (sample.split, sample.image))
    return "".join(json.dumps(asdict(sample), sort_keys=True) + "\n" for sample in ordered)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    from training.data_tools import app

    app()
