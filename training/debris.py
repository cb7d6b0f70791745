"""What a run brings for construction debris, as hits per picture: the real pictures that hold some and are not in train.

    python -m training.debris RUN …

A hit: a picture known to hold debris gets a detection of `construction_debris` at a threshold that at most 3 % of val's
backgrounds pass; beside it, how often such a picture gets any detection of waste, and how often pictures of other waste or
of none are called debris. Too few pictures for a claim: hence the exact 95 % interval beside each share.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from balefire.domain.errors import BadSetting, BalefireError
from training.card import markdown_table
from training.counts import Count
from training.data import Dataset, read_dataset, read_list
from training.looking import Looked, look_at, seeing
from training.places import Places, usual_places
from training.report import counted
from training.subjects import read_run, run_detector
from training.yolo import home

DEBRIS = "construction_debris"
HOLDING = "lists/waste.note_contains_construction_debris.txt"  # pictures of street-dumping, all splits
BUDGET = 0.03

console = Console()


def hits(run_folder: Path, places: Places) -> list[str]:
    """A row: the run, its threshold, and the four counts. Raises BadSetting for a run without the class, BadLabel."""
    home(places.runs)
    run = read_run(run_folder)
    dataset = read_dataset(places.descriptions, run.recipe.dataset)
    if DEBRIS not in dataset.classes:
        raise BadSetting(f"{run_folder}: its set, {dataset.name}, has no class {DEBRIS}")
    see = seeing(run_detector(run, dataset))
    train = {image for path in dataset.lists.train for image in read_list(places.pictures, path)}
    holding = [image for image in read_list(places.pictures, HOLDING) if image not in train]
    others = [image for image in _test_pictures(dataset, places) if image not in holding]
    val = [image for path in dataset.lists.val for image in read_list(places.pictures, path)]

    def looked(images: Sequence[str], title: str) -> list[Looked]:
        return look_at(see, places.pictures, dataset, images, title, console)

    threshold = threshold_of([row for row in looked(val, "looking at val") if not row.truths])
    held, rest = looked(holding, "pictures with debris"), looked(others, "the other test pictures")
    waste = [name for name in run.recipe.export.hazards if name != DEBRIS]
    return [
        run_folder.name,
        f"{threshold:.2f}",
        counted(_called(held, [DEBRIS], threshold)),
        counted(_called(held, [DEBRIS, *waste], threshold)),
        counted(_called([row for row in rest if row.truths], [DEBRIS], threshold)),
        counted(_called([row for row in rest if not row.truths], [DEBRIS], threshold)),
    ]


def _test_pictures(dataset: Dataset, places: Places) -> list[str]:
    return [image for test in dataset.lists.test.values() for image in read_list(places.pictures, test.path)]


def threshold_of(backgrounds: Sequence[Looked]) -> float:
    """The lowest score that at most BUDGET of the pictures pass, and no less than 0.05."""
    scores = sorted((row.best([DEBRIS]) for row in backgrounds), reverse=True)
    passing = int(BUDGET * len(scores))
    return max(0.05, scores[passing] + 1e-6) if scores else 0.05


def _called(rows: Sequence[Looked], names: Sequence[str], threshold: float) -> Count:
    return Count(sum(row.best(names) >= threshold for row in rows), len(rows))


def main(runs: Annotated[list[Path], typer.Argument(help="run folders of training.train on the set debris")]) -> None:
    """Count hits of RUNS on the real pictures with debris."""
    try:
        rows = [hits(run, usual_places()) for run in runs]
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    head = ["run", "threshold", "debris found", "debris or waste found", "other waste called debris", "nothing called debris"]
    console.print("\n".join(markdown_table(head, rows)), markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
