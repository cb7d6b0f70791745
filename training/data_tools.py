"""`python -m training.data`: check, duplicates, stats, import, export."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from balefire.domain.errors import BadSetting, BalefireError, Conflict
from balefire.vision.headers import read_header
from training.annotated import Annotated as AnnotatedPicture
from training.annotated import AnnotatedSet
from training.checks import Fault, check_all, lists_of
from training.contact_sheet import Tile, write_sheet
from training.data import Dataset, Source, labels_of, read_dataset, read_list
from training.duplicates import Pair, looks_of, pairs
from training.formats import read_coco, read_cvat, read_yolo, write_coco, write_cvat, write_yolo
from training.importing import Shares, add_source, by_scene, with_classes
from training.places import Places, usual_places
from training.statistics import draw, survey, table

MOST_ON_SHEET = 100
MOST_ROWS = 200

app = typer.Typer(no_args_is_help=True, help="Labelled pictures: what is wrong with them, what they hold, in and out.")
console = Console()

DatasetName = Annotated[str, typer.Argument(help="a folder of datasets/: fire, waste, thermal")]
Out = Annotated[Path | None, typer.Option(help="where pictures go; BALEFIRE_RUNS/data/<set> by default")]


class Format(StrEnum):
    YOLO = "yolo"
    COCO = "coco"
    CVAT = "cvat"


@app.command()
def check(dataset: DatasetName, out: Out = None) -> None:
    """Look at every picture and label of every list; name each fault by file and line. Exit code 2 where there is one."""
    with refusals():
        places, described = _open(dataset)
        faults = check_all(places.pictures, described, console)
        _say_faults(faults)
        sheet = _sheet(
            [fault.tile(places.pictures) for fault in faults if fault.image], _folder(places, dataset, out), "faults.png"
        )
        console.print(f"contact sheet: {sheet}" if sheet else "nothing to look at", soft_wrap=True)
    if any(fault.serious for fault in faults):
        raise typer.Exit(2)


@app.command()
def duplicates(dataset: DatasetName, out: Out = None) -> None:
    """Pictures that are nearly the same; exit code 2 where two splits share one."""
    with refusals():
        places, described = _open(dataset)
        split_of = splits(places, described)
        found = copies_in(places, list(split_of))
        counts = Counter(" and ".join(sorted({split_of[pair.one], split_of[pair.other]})) for pair in found)
        rows = Table("where", "pairs")
        for where, count in counts.most_common():
            rows.add_row(where, str(count))
        console.print(rows)
        shared = [pair for pair in found if kind(split_of[pair.one]) != kind(split_of[pair.other])]
        for pair in shared[:MOST_ROWS]:
            said = (
                f"{pair.one} ({split_of[pair.one]}) is nearly {pair.other} ({split_of[pair.other]}): {pair.distance} of 64 bits"
            )
            console.print(said, style="red", markup=False, soft_wrap=True)
        tiles = [
            Tile(places.pictures / image, (image[-36:], split_of[image]))
            for pair in shared or found
            for image in (pair.one, pair.other)
        ]
        sheet = _sheet(tiles, _folder(places, dataset, out), "duplicates.png")
        console.print(f"contact sheet of pairs: {sheet}" if sheet else "no copies", soft_wrap=True)
    if shared:
        raise typer.Exit(2)


@app.command()
def stats(dataset: DatasetName, out: Out = None) -> None:
    """Pictures, backgrounds, boxes, their sizes and the brightness, by split and source; a table and plots."""
    with refusals():
        places, described = _open(dataset)
        found = survey(places.pictures, described, console)
        head, rows = table(found, described.classes)
        shown = Table(*head)
        for row in rows:
            shown.add_row(*row)
        Console(width=max(console.width, 130)).print(shown)
        path = _folder(places, dataset, out) / "stats.png"
        draw(found, described.classes, dataset, path)
        console.print(f"plots: {path}", soft_wrap=True)


@app.command("import")
def import_set(
    dataset: DatasetName,
    path: Annotated[Path, typer.Argument(help="a YOLO folder, a COCO .json, or a CVAT .zip")],
    source: Annotated[str, typer.Option(help="its name among the set's sources: a–z, 0–9 and -")],
    licence: Annotated[str, typer.Option(help="as stated by who gave it: CC BY 4.0")],
    origin: Annotated[str, typer.Option(help="what is on the pictures, and where they are from")] = "",
    commercial_use: Annotated[bool, typer.Option(help="whether the licence allows it")] = False,
    pictures: Annotated[Path | None, typer.Option(help="COCO: the folder of its pictures; beside the file by default")] = None,
    split: Annotated[str, typer.Option(help="split anew: 0.8,0.1,0.1 of train, val, test; else as it came")] = "",
    scene: Annotated[str, typer.Option(help="regular expression on file names with one group: a scene is never parted")] = "",
) -> None:
    """Take in a labelled set as a source of DATASET. All of it or nothing; the first fault is named by file and line."""
    with refusals(), tempfile.TemporaryDirectory(prefix="balefire-import-") as scratch:
        places, described = _open(dataset)
        whole = with_classes(_read(path, pictures, Path(scratch), described), described.classes, str(path))
        if split:
            whole = by_scene(whole, Shares(*_shares(split)), scene)
        facts = Source(
            path=f"{dataset}/{source}", origin=origin or str(path.name), licence=licence, commercial_use=commercial_use,
            pictures=len(whole.pictures), scene=scene,
        )  # fmt: skip
        written = add_source(whole, described, source, facts, places)
        counts = ", ".join(f"{len(rows)} {name}" for name, rows in whole.splits.items())
        boxes = sum(len(one.boxes) for one in whole.pictures)
        console.print(f"{source}: {counts}; {boxes} boxes; described in {written}", markup=False, soft_wrap=True)


@app.command("export")
def export_set(
    dataset: DatasetName,
    target: Annotated[Path, typer.Argument(help="a new folder; for CVAT a new .zip")],
    form: Annotated[Format, typer.Option("--format")] = Format.YOLO,
    source: Annotated[str, typer.Option(help="only this source")] = "",
) -> None:
    """Write DATASET with its splits and corrections as others read it."""
    with refusals():
        places, described = _open(dataset)
        if target.exists():
            raise Conflict(f"{target}: already there")
        if source and source not in described.sources:
            raise BadSetting(f"{source} is no source of {dataset}")
        whole = annotated(places, described, source)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=target.absolute().parent) as scratch:
            partial = Path(scratch) / "whole"
            if form is Format.CVAT:
                write_cvat(whole, partial, Path(scratch) / "laid-out")
            else:
                (write_coco if form is Format.COCO else write_yolo)(whole, partial)
            shutil.move(partial, target)
        console.print(f"{len(whole.pictures)} pictures in {target}", markup=False, soft_wrap=True)


def annotated(places: Places, dataset: Dataset, source: str = "") -> AnnotatedSet:
    """The whole set in memory, corrections applied. Raises BadLabel."""
    found = []
    for image, split in splits(places, dataset).items():
        if not source or image.startswith(dataset.sources[source].path + "/"):
            path = places.pictures / image
            header = read_header(path.read_bytes())
            boxes, _ = labels_of(places.pictures, dataset, image)
            name = image.replace("/images/", "/").replace("/", "__")
            found.append(AnnotatedPicture(name, path, kind(split), header.width, header.height, tuple(boxes)))
    return AnnotatedSet(tuple(dataset.classes), tuple(found))


def splits(places: Places, dataset: Dataset) -> dict[str, str]:
    """Picture → its split or test list; those that corrections.toml drops are left out."""
    lists, dropped = lists_of(dataset).items(), dataset.corrections.dropped
    rows = ((image, split) for split, files in lists for file in files for image in read_list(places.pictures, file))
    return {image: split for image, split in rows if image not in dropped}


def kind(split: str) -> str:
    """train, val or test."""
    return split.split()[0]


def copies_in(places: Places, images: list[str]) -> list[Pair]:
    """Pairs that are nearly the same. Raises BadLabel."""
    return pairs(images, looks_of(places.pictures, images, places.runs / "looks.npz", console))


@contextmanager
def refusals() -> Iterator[None]:
    """One clear line and exit code 2."""
    try:
        yield
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error


def _open(name: str) -> tuple[Places, Dataset]:
    places = usual_places()
    return places, read_dataset(places.descriptions, name)


def _read(path: Path, pictures: Path | None, scratch: Path, dataset: Dataset) -> AnnotatedSet:
    if path.is_dir():
        return read_yolo(path, dataset.classes)
    if path.suffix.lower() == ".zip":
        return read_cvat(path, scratch)
    if path.suffix.lower() == ".json":
        return read_coco(path, pictures or path.parent)
    raise BadSetting(f"{path}: neither a YOLO folder, nor a COCO .json, nor a CVAT .zip")


def _shares(text: str) -> tuple[float, float, float]:
    try:
        train, val, test = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadSetting(f"--split is train,val,test as shares: 0.8,0.1,0.1, got {text!r}") from error
    return train, val, test


def _folder(places: Places, dataset: str, out: Path | None) -> Path:
    folder = out or places.runs / "data" / dataset
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sheet(tiles: list[Tile], folder: Path, name: str) -> Path | None:
    if not tiles:
        return None
    write_sheet(tiles[:MOST_ON_SHEET], folder / name, columns=10)
    return folder / name


def _say_faults(faults: list[Fault]) -> None:
    counts = Counter(
        (fault.split, fault.serious, fault.what.rsplit(": ", 1)[-1] if not fault.serious else "refused") for fault in faults
    )
    rows = Table("split", "what", "how many")
    for (split, serious, what), count in sorted(counts.items()):
        rows.add_row(split, escape(what), str(count), style="red" if serious else None)
    console.print(rows if faults else "no fault in any list")
    for fault in [one for one in faults if one.serious][:MOST_ROWS]:
        console.print(fault.what, style="red", markup=False, soft_wrap=True)
