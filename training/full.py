"""Train, export and promote every detector with the full recipes: the one command for a machine with a GPU.

    python -m training.full                        # fire, waste, thermal by configs/training/full/
    python -m training.full fire --device 0

Each step that is done is passed over, and a training that was cut off goes on from its last epoch: the same command again is
all that an interruption asks for. A new bundle gets the next minor version. One that is not better than the champion beyond
its interval is left unpromoted, with the reason; that is no failure.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from balefire.domain.errors import BadSetting, BalefireError
from training.export import export
from training.places import CHECKOUT, Places, usual_places
from training.prepare import prepare
from training.promote import promote
from training.recipe import Recipe, read_recipe
from training.subjects import read_run
from training.train import train

RECIPES = CHECKOUT / "configs" / "training" / "full"

console = Console()


def full(name: str, places: Places, device: str | None, recipes: Path = RECIPES) -> Path:
    """From recipe to bundle; the bundle's folder. Raises BadSetting for an unknown name, and what the steps raise."""
    path = recipes / f"{name}.toml"
    if not path.is_file():
        raise BadSetting(f"{path}: no such recipe; there are {', '.join(sorted(one.stem for one in recipes.glob('*.toml')))}")
    recipe = read_recipe(path)
    run = train(recipe, path, prepare(recipe, places), places, device)
    noted = run / "bundle.txt"  # which version came of it: a second call makes no second one
    if noted.is_file() and (places.models / noted.read_text()).is_dir():
        return places.models / noted.read_text()
    made = export(read_run(run), next_version(recipe, places.models), places)
    noted.write_text(str(made.relative_to(places.models)))
    return made


def next_version(recipe: Recipe, models: Path) -> str:
    """One minor version above the highest that is there."""
    there = [path.parent.name for path in (models / recipe.detector).glob("*/bundle.toml")]
    numbers = [tuple(int(part) for part in name.split(".")) for name in there if name.replace(".", "").isdigit()]
    major, minor = max(numbers, default=(0, 0, 0))[:2]
    return f"{major}.{minor + 1}.0"


def main(
    names: Annotated[list[str] | None, typer.Argument(help="fire, waste, thermal; all by default")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, 0, 0,1 …; a GPU when there is one")] = None,
) -> None:
    """Train, export and promote NAMES with their full recipes."""
    try:
        places = usual_places()
        for name in names or ["thermal", "waste", "fire"]:
            made = full(name, places, device)
            try:
                console.print(f"promoted: {promote(made, places.models).reference}", markup=False)
            except BalefireError as error:
                console.print(f"{made.name} stays unpromoted: {error}", markup=False, soft_wrap=True)
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
