"""Which choice of a recipe helps where: short runs that differ in one thing, compared on val and never on a test list.

    python -m training.study configs/training/studies/fire-sources.toml

Trains each variant of the study from the same start, with the same seed and few epochs, and prints AP50 on val: of all
val pictures, and of each of its sources by itself. Runs that are done are not trained again, so the command goes on
after an interruption. Differences of short runs point a direction; a difference below 0.02 points nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field
from rich.console import Console

from balefire.domain.errors import BalefireError
from balefire.strict_toml import StrictModel, checked, read_toml
from training.card import markdown_table
from training.data import Dataset, read_dataset, read_list, source_of
from training.looking import Looked, look_at, seeing
from training.places import Places, usual_places
from training.precision import average_precision
from training.prepare import prepare
from training.recipe import Recipe, read_recipe
from training.report import shown
from training.subjects import read_run, run_detector, val_images
from training.train import train

FEWEST_BOXES = 20  # of a class in a source of val, to be worth a column

console = Console()


class Study(StrictModel):
    """`change`: what all variants share; `variants`: name → what one changes in the recipe, by the recipe's own keys;
    `leave_one_source_out` adds a variant for each source of the set."""

    recipe: Path
    change: dict[str, Any] = {}
    variants: dict[str, dict[str, Any]] = {}
    leave_one_source_out: bool = False
    limit: Annotated[int | None, Field(gt=0)] = None


def variants_of(study: Study, recipe: Recipe, sources: Iterable[str], where: str) -> dict[str, Recipe]:
    """Name → recipe; the first is the one that all others are compared with. Raises BadSetting for an unknown key.

    sources: those that training pictures come from.
    """
    patches: dict[str, dict[str, Any]] = {"as it is": {}, **study.variants}
    if study.leave_one_source_out:
        patches |= {
            f"without {key}": {"exclude_sources": [*recipe.exclude_sources, key]}
            for key in sources
            if key not in recipe.exclude_sources
        }
    base = merged(recipe.model_dump(), study.change)
    return {name: checked(Recipe, merged(base, patch), f"{where}: {name}") for name, patch in patches.items()}


def merged(values: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`patch` over `values`, table by table."""
    both = {key: merged(values[key], patch[key]) for key in patch if isinstance(values.get(key), dict) and key != "repeat"}
    return {**values, **patch, **both}


def run_study(path: Path, places: Places, device: str | None = None) -> list[list[str]]:
    """Train and judge every variant. Answers a table: its head, then a row a variant. Raises BadSetting, BadLabel."""
    study = read_toml(path, Study)
    recipe = read_recipe(study.recipe)
    dataset = read_dataset(places.descriptions, recipe.dataset)
    head, rows = list[str](), list[list[str]]()
    trained_on = {source_of(dataset, image) for files in dataset.lists.train for image in read_list(places.pictures, files)}
    for name, variant in variants_of(study, recipe, sorted(trained_on), str(path)).items():
        console.print(f"{len(rows) + 1}: {name}", markup=False)
        prepared = prepare(variant, places, study.limit)
        run = read_run(train(variant, path, prepared, places, device))
        images = [image for image in val_images(run, dataset, places)]
        detector = run_detector(run, dataset)
        looked = look_at(seeing(detector), places.pictures, dataset, images, "looking at val", console)
        figures = dict(figures_of(looked, dataset))
        head = head or ["variant", "training pictures", *figures]
        pictures = sum(sample.split == "train" for sample in run.samples())
        rows.append([name, str(pictures), *(shown(figures.get(column)) for column in head[2:])])
    return [head, *rows]


def figures_of(looked: list[Looked], dataset: Dataset) -> Iterator[tuple[str, float | None]]:
    """Column → AP50: each class on all of val, then on each source that holds enough of it."""
    by_source: dict[str, list[Looked]] = {}
    for row in looked:
        by_source.setdefault(source_of(dataset, row.image), []).append(row)
    for name, one in average_precision(looked, dataset.classes).items():
        yield f"{name}, all", one.ap50
    for source, rows in sorted(by_source.items()):
        for name, one in average_precision(rows, dataset.classes).items():
            if one.boxes >= FEWEST_BOXES:
                yield f"{name}, {source}", one.ap50


def main(
    study: Annotated[Path, typer.Argument(help="configs/training/studies/<study>.toml")],
    device: Annotated[str | None, typer.Option(help="cpu, 0 …; a GPU when there is one")] = None,
) -> None:
    """Train and compare the variants of STUDY."""
    try:
        places = usual_places()
        head, *rows = run_study(study, places, device)
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    table = "\n".join(markdown_table(head, rows))
    out = places.runs / f"{study.stem}-study.md"
    out.write_text(table + "\n", encoding="utf-8")
    console.print(f"{table}\n\nalso in {out}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
