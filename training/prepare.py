"""Turn labelled pictures into a training set.

    python -m training.prepare configs/training/fire.toml

Checks every picture and label, keeps train, val and test apart as the data set's lists do, and lays the set out for
Ultralytics in BALEFIRE_RUNS/sets/<recipe's set>-<fingerprint>: links to the pictures, copies of the labels, a manifest.
Nothing is written where the pictures lie. Running it twice does nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import typer
from rich.console import Console
from rich.table import Table

from balefire.domain.errors import BadLabel, BadSetting, BalefireError
from training.composing import ComposedPicture, composed_pictures
from training.data import (
    Dataset,
    Sample,
    check_sample,
    fingerprint,
    labels_of,
    manifest_text,
    read_dataset,
    read_list,
    source_of,
)
from training.duplicates import looks_of, pairs
from training.labels import label_path
from training.places import Places, usual_places
from training.pseudo_labels import PseudoLabelled, pseudo_labelled
from training.recipe import Recipe, read_recipe
from training.steps import steps

console = Console()


@dataclass(frozen=True, slots=True)
class PreparedSet:
    """A set on disk: `folder/data.yaml` is what Ultralytics reads; `fingerprint` is its manifest's SHA-256."""

    folder: Path
    fingerprint: str
    samples: list[Sample]


def prepare(recipe: Recipe, places: Places, limit: int | None = None) -> PreparedSet:
    """Check and lay out the recipe's set from the pictures below `places.pictures`.

    `limit` keeps every n-th picture so that about that many remain for training: a check on a laptop, no detector.
    Raises BadLabel or BadSetting with the file and line of the first fault; nothing half-written stays.
    """
    dataset, root = read_dataset(places.descriptions, recipe.dataset), places.pictures
    for key, named in (("exclude_sources", set(recipe.exclude_sources)), ("repeat", set(recipe.repeat))):
        if unknown := named - set(dataset.sources):
            raise BadSetting(f"{key}: {sorted(unknown)[0]} is no source of {dataset.name}")
    excluded = {*recipe.exclude_sources, *unlicensed(dataset, recipe.exclude_licences)}
    paths = _split_paths(dataset, root, excluded, recipe.add_lists)
    _refuse_leaks(dataset, root, paths)
    if limit:
        paths = {split: rows[:: max(1, len(rows) // limit)] for split, rows in paths.items()}
    rows = [(split, image) for split, images in paths.items() for image in images]
    with steps(rows, "checking", console) as walk:
        checked = [check_sample(root, dataset, split, image) for split, image in walk]
    if not any(sample.split == "train" for sample in checked):
        raise BadSetting(f"{dataset.name}: the training set is empty")
    _refuse_copies(dataset, places, paths)
    composed = list(composed_pictures(recipe.compose, dataset, root, checked)) if recipe.compose else []
    asked = recipe.pseudo_labels
    gained = pseudo_labelled(recipe, asked, dataset, root, checked, console) if asked else []
    relabelled = {one.sample.image: one.sample for one in gained}
    samples = [*(relabelled.get(one.image, one) for one in checked), *(one.sample for one in composed)]
    mark = fingerprint(samples)
    folder = places.runs / "sets" / f"{dataset.name}-{_folder_mark(mark, recipe.repeat)}"
    if not (folder / "data.yaml").is_file():
        _lay_out(folder, root, dataset, samples, recipe.repeat, composed, gained)
    return PreparedSet(folder, mark, samples)


def unlicensed(dataset: Dataset, tokens: Sequence[str]) -> set[str]:
    """Sources whose licence has one of `tokens` as a part: NC finds `CC BY-NC-SA 4.0`. Raises BadSetting for one that no
    licence has: a misspelt one would exclude nothing."""
    found: set[str] = set()
    for token in tokens:
        part = re.compile(rf"(?<![A-Za-z0-9]){re.escape(token)}(?![A-Za-z0-9])", re.IGNORECASE)
        named = {key for key, source in dataset.sources.items() if part.search(source.licence)}
        if not named:
            raise BadSetting(f"exclude_licences: {token} is in no licence of {dataset.name}")
        found |= named
    return found


def _split_paths(dataset: Dataset, root: Path, excluded: set[str], added: Sequence[str]) -> dict[str, list[str]]:
    """Split → pictures. What is excluded is not trained on; val keeps it, so that figures of two recipes compare."""
    lists = {"train": [*dataset.lists.train, *added], "val": dataset.lists.val}
    paths = {split: [image for path in files for image in read_list(root, path)] for split, files in lists.items()}
    dropped = dataset.corrections.dropped
    unwanted = {"train": excluded, "val": set[str]()}
    return {
        split: [image for image in images if source_of(dataset, image) not in unwanted[split] and image not in dropped]
        for split, images in paths.items()
    }


def _refuse_leaks(dataset: Dataset, root: Path, paths: dict[str, list[str]]) -> None:
    """No picture stands in two splits. The lists keep scenes, cameras and bursts apart; this keeps a slip out."""
    seen: dict[str, str] = {}
    tests = {f"test {name}": read_list(root, test.path) for name, test in dataset.lists.test.items()}
    for split, images in paths.items():
        for image in images:
            if seen.setdefault(image, split) != split:
                raise BadLabel(f"{image}: stands in {seen[image]} and in {split}")
    for name, images in tests.items():
        if moved := sorted(dataset.corrections.touched & set(images)):
            raise BadLabel(f"{moved[0]}: corrections.toml changes it, but it stands in {name}: test labels stay as they are")
        leaked = next((image for image in images if image in seen), None)
        if leaked:
            raise BadLabel(f"{leaked}: stands in {seen[leaked]} and in {name}")


def _folder_mark(fingerprint: str, repeat: Mapping[str, float]) -> str:
    mixed = hashlib.sha256(json.dumps(repeat, sort_keys=True).encode()).hexdigest()[:6]
    return f"{fingerprint[:12]}-{mixed}" if repeat else fingerprint[:12]


def copies(sample: Sample, repeat: Mapping[str, float]) -> int:
    """How often an epoch shows a training picture. 1.5 shows every second one twice: which, its own SHA-256 says, so that
    the choice is the same on every machine and in every run."""
    wanted = repeat.get(sample.source, 1.0) if sample.split == "train" else 1.0
    share = int(sample.image_sha256[:8], 16) / 16**8
    return math.floor(wanted) + (share < wanted % 1)


def _refuse_copies(dataset: Dataset, places: Places, paths: dict[str, list[str]]) -> None:
    """No training or val picture is nearly a test picture: recompressed, rescaled. `training.data duplicates` shows them,
    `[[picture]]` in corrections.toml drops one. Test lists whose pictures are not here cannot leak."""
    tests = {image: name for name, test in dataset.lists.test.items() for image in read_list(places.pictures, test.path)}
    images = [image for rows in paths.values() for image in rows]
    every = [image for image in dict.fromkeys([*images, *tests]) if (places.pictures / image).is_file()]
    ours = set(images)
    for pair in pairs(every, looks_of(places.pictures, every, places.runs / "looks.npz", console)):
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            if one in ours and other in tests and other not in ours:
                raise BadLabel(f"{one}: is nearly the test picture {other} ({tests[other]}); drop it in corrections.toml")


def _lay_out(
    folder: Path, root: Path, dataset: Dataset, samples: list[Sample], repeat: Mapping[str, float],
    composed: Sequence[ComposedPicture], gained: Sequence[PseudoLabelled],
) -> None:  # fmt: skip
    """Write the set beside its final place and rename it: a half-written set never has the final name."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    lists: dict[str, list[str]] = {"train": [], "val": []}
    made = {one.sample.image: one for one in composed}
    labels = {one.sample.image: one.labels for one in gained}
    with steps(samples, "laying out", console) as walk:
        for sample in walk:
            lists[sample.split].extend([str(folder / sample.image)] * copies(sample, repeat))
            link = partial / sample.image
            for part in (link, label_path(link)):
                part.parent.mkdir(parents=True, exist_ok=True)
            if sample.image in made:
                link.write_bytes(made[sample.image].jpeg)
                label_path(link).write_bytes(made[sample.image].labels)
            else:
                _lay_one(link, root, sample, labels.get(sample.image) or labels_of(root, dataset, sample.image)[1])
    for split, paths in lists.items():
        (partial / f"{split}.txt").write_text("\n".join(paths) + "\n", encoding="utf-8")
    (partial / "manifest.jsonl").write_text(manifest_text(samples), encoding="utf-8")
    names = {index: name for index, name in enumerate(dataset.classes)}
    config = {"path": str(folder), "train": "train.txt", "val": "val.txt", "names": names}
    (partial / "data.yaml").write_text(json.dumps(config, indent=1), encoding="utf-8")  # JSON is YAML
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _lay_one(link: Path, root: Path, sample: Sample, labels: bytes) -> None:
    image = root / sample.image
    if cv2.imread(str(image), cv2.IMREAD_REDUCED_GRAYSCALE_8) is None:
        raise BadLabel(f"{image}: cannot be decoded")
    link.symlink_to(image)
    label_path(link).write_bytes(labels)


def summary(prepared: PreparedSet, dataset: Dataset) -> Table:
    """Pictures, backgrounds and boxes per source and split."""
    table = Table(title=f"{dataset.name} · {prepared.fingerprint[:12]}", caption=str(prepared.folder))
    for column in ("split", "source", "pictures", "backgrounds", *dataset.classes):
        table.add_column(column, justify="left" if column in ("split", "source") else "right")
    groups = sorted({(sample.split, sample.source) for sample in prepared.samples})
    for split, source in groups:
        _add_row(table, dataset, split, source, [s for s in prepared.samples if (s.split, s.source) == (split, source)])
    for split in sorted({split for split, _ in groups}):
        _add_row(table, dataset, split, "all", [s for s in prepared.samples if s.split == split])
    return table


def _add_row(table: Table, dataset: Dataset, split: str, source: str, samples: list[Sample]) -> None:
    boxes: Counter[str] = Counter()
    for sample in samples:
        boxes.update(sample.boxes)
    backgrounds = sum(not sample.boxes for sample in samples)
    table.add_row(split, source, str(len(samples)), str(backgrounds), *(str(boxes[name]) for name in dataset.classes))


def main(
    recipe: Annotated[Path, typer.Argument(help="configs/training/<detector>.toml")],
    limit: Annotated[int | None, typer.Option(help="keep about so many pictures a split, for a check")] = None,
) -> None:
    """Check the labelled pictures of RECIPE and lay out its training set."""
    try:
        settings, places = read_recipe(recipe), usual_places()
        prepared = prepare(settings, places, limit)
    except BalefireError as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print(summary(prepared, read_dataset(places.descriptions, settings.dataset)))


if __name__ == "__main__":
    typer.run(main)
