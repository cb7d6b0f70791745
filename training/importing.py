"""A labelled set of one's own becomes a source of a data set: pictures and labels beside the others, lists, a description."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from balefire.domain.errors import BadSetting, Conflict
from training.annotated import Annotated, AnnotatedSet
from training.bundle_files import toml_value
from training.data import Dataset, Source
from training.formats import DIGITS
from training.labels import format_labels
from training.places import Places

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Shares:
    """How pictures that came in one lump are split: shares of train, val and test, 0–1, that add up to 1."""

    train: float
    val: float
    test: float

    def __post_init__(self) -> None:
        if min(self.train, self.val, self.test) < 0 or abs(self.train + self.val + self.test - 1) > 1e-6:
            raise BadSetting(f"shares of train, val and test add up to 1, got {self.train}, {self.val}, {self.test}")

    def of(self, scene: str) -> str:
        """The split of a whole scene: by its own hash, so that it stays there when more pictures come."""
        point = int(hashlib.sha256(scene.encode()).hexdigest()[:8], 16) / 16**8
        return "train" if point < self.train else "val" if point < self.train + self.val else "test"


def by_scene(whole: AnnotatedSet, shares: Shares, scene: str) -> AnnotatedSet:
    """Split anew, never parting a scene. scene: a regular expression on file names with one group; empty: each picture."""
    pattern = re.compile(scene) if scene else None

    def named(one: Annotated) -> str:
        found = pattern.search(one.name) if pattern else None
        return found[1] if found else one.name

    return replace(whole, pictures=tuple(replace(one, split=shares.of(named(one))) for one in whole.pictures))


def with_classes(whole: AnnotatedSet, classes: Sequence[str], where: str) -> AnnotatedSet:
    """The same boxes under the data set's class numbers. Raises BadSetting for a class that it does not have."""
    unknown = sorted({whole.classes[box.class_index] for one in whole.pictures for box in one.boxes} - set(classes))
    if unknown:
        raise BadSetting(f"{where}: unknown class {unknown[0]}; the data set has {', '.join(classes)}")
    index = {k: classes.index(name) for k, name in enumerate(whole.classes) if name in classes}
    pictures = [
        replace(one, boxes=tuple(replace(box, class_index=index[box.class_index]) for box in one.boxes))
        for one in whole.pictures
    ]
    return AnnotatedSet(tuple(classes), tuple(pictures))


def add_source(whole: AnnotatedSet, dataset: Dataset, key: str, source: Source, places: Places) -> Path:
    """Lay `whole` out as source `key` of `dataset`, and describe it in datasets/<set>/sources/<key>.toml.

    Everything is written beside its place and renamed; the description comes last, so that a source that is described is
    whole. Raises Conflict where there is such a source, BadSetting for a name that is none.
    """
    if not NAME.fullmatch(key):
        raise BadSetting(f"a source's name is a–z, 0–9 and -, got {key!r}")
    target = places.pictures / source.path
    described = places.descriptions / dataset.name / "sources" / f"{key}.toml"
    if key in dataset.sources or target.exists() or described.exists():
        raise Conflict(f"{dataset.name} has a source {key} already ({target})")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _lay_out(whole, partial)
        partial.rename(target)
    except OSError as error:
        raise BadSetting(f"{partial}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    lists = _write_lists(whole, dataset.name, key, source, places)
    described.parent.mkdir(parents=True, exist_ok=True)
    beside = described.with_suffix(".partial")
    beside.write_text(_description(source, lists, dataset.classes, key), encoding="utf-8")
    beside.replace(described)
    return described


def _lay_out(whole: AnnotatedSet, folder: Path) -> None:
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    for one in whole.pictures:
        shutil.copyfile(one.picture, folder / "images" / one.name)
        labels = folder / "labels" / f"{Path(one.name).stem}.txt"
        labels.write_text(format_labels(one.boxes, DIGITS), encoding="ascii")


def _write_lists(whole: AnnotatedSet, dataset: str, key: str, source: Source, places: Places) -> dict[str, str]:
    (places.pictures / "lists").mkdir(exist_ok=True)
    lists = {}
    for split in SPLITS:
        names = [one.name for one in whole.pictures if one.split == split]
        if names:
            lists[split] = f"lists/{dataset}.{key}.{split}.txt"
            rows = "".join(f"{source.path}/images/{name}\n" for name in sorted(names))
            (places.pictures / lists[split]).write_text(rows, encoding="utf-8")
    return lists


def _description(source: Source, lists: dict[str, str], classes: Sequence[str], key: str) -> str:
    rows = [f"{split} = {toml_value([lists[split]])}" for split in ("train", "val") if split in lists]
    rows += ["", "[source]", *(f"{name} = {toml_value(value)}" for name, value in source.model_dump().items())]
    if "test" in lists:
        rows += ["", f"[test.{key}]", f"path = {toml_value(lists['test'])}", f"judge = {toml_value(list(classes))}"]
    return "\n".join(rows) + "\n"
