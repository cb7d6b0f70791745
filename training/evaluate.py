"""Judge one detector on every named test list of its data set.

    python -m training.evaluate models/fire/0.2.0
    python -m training.evaluate ~/.cache/balefire/runs/fire-1a2b3c4d
    python -m training.evaluate --peer dfire-yolo11n                # a detector of others (configs/peers.toml)
    python -m training.evaluate models/fire/0.2.0 --sheets build/worst      # what it misses, as pictures

A bundle is judged as it serves: its own graph, letterbox, suppression and released thresholds. A run is judged in
torch, at thresholds chosen on val by the rule of training/thresholds.py. Prints AP50 and AP50-95 of each judged class
(COCO rules), with 95 % intervals drawn over scenes, pictures found and false-alarm pictures with exact 95 % intervals, each
list by itself, beside what peers reach. Writes report/ in the folder: figures.json, evidence.npz and precision-recall.png.
What differs from figures that stood there before is named.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from balefire.domain.errors import BadSetting, BalefireError
from balefire.vision.detector import Detector
from training.data import Dataset, read_dataset
from training.judging import Figures, judge
from training.looking import look_at, seeing
from training.peers import peer_detector, peer_figures, read_peer, report_folder
from training.places import Places, usual_places
from training.report import TABLE_WIDTH, as_json, as_table, read_figures, write_figures, write_report
from training.subjects import bundle_detector, is_bundle, read_run, run_detector, val_images
from training.thresholds import Chosen, choose
from training.worst import Worst
from training.yolo import home

SAME = 0.0005  # figures agree to the third digit

console = Console()


def evaluate(
    folder: Path, places: Places, runtime: str = "auto", threads: int = 1, sheets: Path | None = None
) -> tuple[Figures, str]:
    """Judge the bundle or run in `folder` and write its report/. Answers the figures and the data set's name.

    sheets: a folder for contact sheets of the worst misses and false alarms. Raises BundleMismatch, BadLabel, BadSetting.
    """
    if is_bundle(folder):
        detector, name = bundle_detector(folder, runtime, threads)
        dataset, thresholds = read_dataset(places.descriptions, name), detector.bundle.thresholds
    else:
        run = read_run(folder)
        home(places.runs)
        dataset = read_dataset(places.descriptions, run.recipe.dataset)
        detector = run_detector(run, dataset)
        images = val_images(run, dataset, places)
        thresholds = choose_on_val(detector, dataset, places, images, run.recipe.export.false_alarm_budget).thresholds
    figures = judge_detector(detector, thresholds, dataset, places, sheets)
    write_report(figures, folder / "report")
    return figures, dataset.name


def evaluate_peer(name: str, places: Places, threads: int = 1) -> tuple[Figures, str]:
    """Judge a detector of others, and keep its figures beside the data set's description. As `evaluate`."""
    peer = read_peer(name)
    detector = peer_detector(name, peer, threads)
    figures = judge_detector(detector, detector.bundle.thresholds, read_dataset(places.descriptions, peer.dataset), places)
    write_figures(figures, report_folder(places, peer.dataset, name))
    return figures, peer.dataset


def judge_detector(
    detector: Detector, thresholds: dict[str, float], dataset: Dataset, places: Places, sheets: Path | None = None
) -> Figures:
    """On every test list of `dataset`, at these thresholds."""
    hazards = {name: str(hazard) for name, hazard in detector.bundle.hazards.items()}
    worst = Worst(places.pictures, thresholds, list(hazards)) if sheets else None
    witness = worst.take if worst else None
    figures = judge(seeing(detector), detector.bundle.reference, thresholds, hazards, dataset, places, console, witness)
    if worst and sheets:
        for path in worst.write(sheets):
            console.print(f"contact sheet: {path}", markup=False, soft_wrap=True)
    return figures


def choose_on_val(detector: Detector, dataset: Dataset, places: Places, images: list[str], budget: float) -> Chosen:
    """Thresholds for the recipe's false-alarm budget on the val pictures `images`, by training/thresholds.py's rule."""
    looked = look_at(seeing(detector), places.pictures, dataset, images, "looking at val", console)
    return choose(looked, dataset.classes, {name: str(hazard) for name, hazard in detector.bundle.hazards.items()}, budget)


def differences(before: dict[str, Any], after: dict[str, Any], where: str = "") -> Iterator[str]:
    """Where two reports differ: other words, or numbers beyond the third digit."""
    for key in sorted({*before, *after}):
        old, new, name = before.get(key), after.get(key), f"{where}{key}"
        if isinstance(old, dict) and isinstance(new, dict):
            yield from differences(old, new, f"{name}.")
        elif isinstance(old, float) and isinstance(new, float) and abs(old - new) <= SAME:
            continue
        elif old != new and key in before and not key.endswith("interval95"):
            yield f"{name}: {old} before, {new} now"


def main(
    folder: Annotated[Path | None, typer.Argument(help="a bundle (models/fire/0.2.0) or a run folder")] = None,
    peer: Annotated[str, typer.Option(help="instead: a detector of others, as configs/peers.toml names it")] = "",
    sheets: Annotated[Path | None, typer.Option(help="folder for contact sheets of what is missed and falsely seen")] = None,
    runtime: Annotated[str, typer.Option(help="auto, onnxruntime, openvino, cuda")] = "auto",
    threads: Annotated[int, typer.Option(help="for one picture")] = os.cpu_count() or 1,
) -> None:
    """Judge FOLDER on the test lists of its data set."""
    try:
        if (folder is None) == (not peer):
            raise BadSetting("one of the two: a FOLDER, or --peer NAME")
        places = usual_places()
        before = None
        if folder is not None:
            before = read_figures(folder / "report") if (folder / "report" / "figures.json").is_file() else None
            figures, dataset = evaluate(folder, places, runtime, threads, sheets)
        else:
            figures, dataset = evaluate_peer(peer, places, threads)
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    table = as_table(figures, {} if peer else peer_figures(places, dataset))
    Console(width=max(console.width, TABLE_WIDTH)).print(table)
    if before is not None:
        changed = list(differences(before, as_json(figures)))
        console.print("\n".join(changed) or "the figures are those of the report before", markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
