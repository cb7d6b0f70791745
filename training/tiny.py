"""The whole chain on a few rendered pictures: no data, no internet, nothing left behind.

    python -m training.tiny                 # make train-tiny

Renders, prepares, trains, judges, exports, proves parity, promotes into a models folder of its own, reads the bundle back
and looks with it. Starts from the released fire bundle, or from no weights at all where there is none yet.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from balefire.domain.detection import Detection
from balefire.domain.errors import BadInput, BalefireError
from balefire.vision.bundles import read_catalog
from balefire.vision.detector import load_detector
from balefire.vision.scenes.training import training_picture
from training.data import read_dataset
from training.evaluate import evaluate
from training.export import export
from training.places import CHECKOUT, DESCRIPTIONS, MODELS, Places
from training.prepare import prepare, summary
from training.promote import promote
from training.recipe import Recipe, read_recipe
from training.rendered import SIZE, SPLITS, render
from training.report import as_table
from training.subjects import read_run
from training.train import train

RECIPE = Path("configs/training/tiny.toml")
VERSION = "0.0.1"
EPOCHS_FROM_NOTHING = 30  # without weights it takes so many to see anything at all

console = Console()


def tiny(folder: Path, device: str | None = None, released: Path = MODELS) -> list[Detection]:
    """Run the chain in `folder` and return what the promoted bundle sees on a picture it never saw. BalefireError.

    released: the models folder whose champion of fire it starts from, if there is one.
    """
    places = Places(folder / "pictures", DESCRIPTIONS, folder / "runs", folder / "models")
    recipe = from_what_is_there(read_recipe(CHECKOUT / RECIPE), released)
    dataset = read_dataset(places.descriptions, recipe.dataset)
    _say(f"1 of 7 · rendered {render(places.pictures, dataset, console)} pictures")
    prepared = prepare(recipe, places)
    console.print(summary(prepared, dataset))
    _say(f"2 of 7 · prepared {prepared.fingerprint[:12]}; training from {recipe.weights}")
    run = train(recipe, RECIPE, prepared, places, device)
    _say("3 of 7 · trained; judging the run in torch")
    console.print(as_table(evaluate(run, places)[0]))
    _say("4 of 7 · judged; exporting")
    bundle = export(read_run(run), VERSION, places)
    _say("5 of 7 · exported, parity proven; judging the bundle as it serves")
    evaluate(bundle, places)
    promote(bundle, places.models)
    _say("6 of 7 · promoted into its own catalogue")
    seen = _look(places.models, recipe.detector)
    _say(f"7 of 7 · read back; on a new picture it sees {len(seen)} boxes at its thresholds")
    return seen


def from_what_is_there(recipe: Recipe, models: Path) -> Recipe:
    """Start from the champion of fire where one is released, else from nothing and for longer."""
    released = read_catalog(models).get("fire") if (models / "catalog.toml").is_file() else None
    if released is not None and (released / "weights.pt").is_file():
        return recipe.model_copy(update={"weights": str(released / "weights.pt")})
    longer = recipe.schedule.model_copy(update={"epochs": EPOCHS_FROM_NOTHING, "learning_rate": 0.002})
    return recipe.model_copy(update={"schedule": longer})


def _look(models: Path, name: str) -> list[Detection]:
    detector = load_detector(read_catalog(models)[name])
    pictures = [training_picture(seed, SIZE) for seed in SPLITS["test"]]
    seen = [detector.look(picture) for picture, truth in pictures if truth]
    best = max(seen, key=lambda found: max((one.confidence for one in found), default=0.0), default=[])
    if not best:
        raise BadInput(f"{detector.bundle.reference} sees nothing on {len(pictures)} rendered pictures")
    return best


def _say(what: str) -> None:
    console.print(f"[{time.strftime('%H:%M:%S')}] {what}", markup=False, soft_wrap=True)


def main(
    keep: Annotated[Path | None, typer.Option(help="work in this folder, and leave it there")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, 0 …; a GPU when there is one")] = None,
) -> None:
    """Render, prepare, train, judge, export and promote, all in a folder that is gone afterwards."""
    started = time.monotonic()
    try:
        if keep is not None:
            tiny(keep.resolve(), device)
        else:
            with tempfile.TemporaryDirectory(prefix="balefire-tiny-") as folder:
                tiny(Path(folder), device)
    except BalefireError as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print(f"the chain works; it took {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    typer.run(main)
