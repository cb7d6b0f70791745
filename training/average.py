"""Average a run's weights with those of a bundle that it went on from: what both have learnt, without training more.

    python -m training.average RUN models/fire/0.1.0

Fine-tuned weights of one start lie in one valley, and the middle of it is often lower than its sides (Wortsman et al., Model
soups, 2022). Leaves a run folder of its own, RUN-averaged, and says on val what each of the three sees.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from balefire.domain.errors import BadSetting, BalefireError, Conflict
from balefire.vision.bundles import read_bundle
from training.card import markdown_table
from training.data import read_dataset
from training.looking import look_at, seeing
from training.places import Places, usual_places
from training.report import shown
from training.study import figures_of
from training.subjects import Run, read_run, run_detector, val_images
from training.weights import load_model, load_released, save_weights
from training.yolo import home

KEPT = ("manifest.jsonl", "results.csv")

console = Console()


def average(run: Run, bundle: Path, share: float, places: Places) -> Path:
    """Write `share` of the run's weights and 1 − `share` of the bundle's into a run folder. Raises BadSetting where the two
    do not fit, Conflict where the folder is there already."""
    target = run.folder.with_name(f"{run.folder.name}-averaged")
    if target.exists():
        raise Conflict(f"{target}: already there")
    home(places.runs)
    parent, own = load_released(bundle / "weights.pt"), load_model(run.checkpoint())
    mixed = _mixed(parent.state_dict(), own.state_dict(), share, f"{bundle} and {run.folder}")
    blend = load_model(run.checkpoint())
    blend.load_state_dict(mixed)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "weights").mkdir(parents=True)
    save_weights(blend, partial / "weights" / "best.pt")
    for name in KEPT:
        shutil.copyfile(run.folder / name, partial / name)
    record = {**run.record, "averaged": {"with": read_bundle(bundle).reference, "share": share}}
    (partial / "run.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    (partial / "finished").touch()
    partial.rename(target)
    return target


def _mixed(parent: dict[str, Any], own: dict[str, Any], share: float, where: str) -> dict[str, Any]:
    if not 0 < share < 1:
        raise BadSetting(f"a share lies between 0 and 1, got {share}")
    if {key: value.shape for key, value in parent.items()} != {key: value.shape for key, value in own.items()}:
        raise BadSetting(f"{where}: not the same architecture")
    return {key: share * own[key] + (1 - share) * parent[key] if own[key].is_floating_point() else own[key] for key in own}


def compared(runs: dict[str, tuple[Run, Any]], places: Places) -> list[list[str]]:
    """A table of AP50 on val: head, then a row for each model."""
    rows, head = list[list[str]](), list[str]()
    for name, (run, model) in runs.items():
        dataset = read_dataset(places.descriptions, run.recipe.dataset)
        looked = look_at(
            seeing(run_detector(run, dataset, model)), places.pictures, dataset, val_images(run, dataset, places), name, console
        )
        figures = dict(figures_of(looked, dataset))
        head = ["weights", *figures]
        rows.append([name, *map(shown, figures.values())])
    return [head, *rows]


def main(
    run: Annotated[Path, typer.Argument(help="a run that went on from the bundle")],
    bundle: Annotated[Path, typer.Argument(help="models/<detector>/<version>")],
    share: Annotated[float, typer.Option(help="of the run's weights, 0 to 1")] = 0.5,
) -> None:
    """Average the weights of RUN with those of BUNDLE, and compare all three on val."""
    try:
        places, own = usual_places(), read_run(run)
        made = read_run(average(own, bundle, share, places))
        models = {bundle.name: load_released(bundle / "weights.pt"), "the run": None, "averaged": load_model(made.checkpoint())}
        head, *rows = compared({name: (own, model) for name, model in models.items()}, places)
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print("\n".join(markdown_table(head, rows)), markup=False, soft_wrap=True)
    console.print(f"run folder: {made.folder}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
