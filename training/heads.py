"""Which of a run's two heads sees better, and at what price: the one with suppression after it, or the end-to-end one.

    python -m training.heads RUN

Exports both, judges both on the run's val pictures (never on a test list) and times them in turns.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from balefire.domain.bundle import GraphFiles, Head
from balefire.domain.errors import BalefireError
from balefire.vision.detector import Detector
from balefire.vision.runtimes import open_runtime
from training.bundle_files import sha256_of
from training.card import markdown_table
from training.data import read_dataset
from training.forms import raced
from training.graph import write_onnx
from training.looking import look_at, seeing
from training.places import Places, usual_places
from training.precision import average_precision
from training.report import shown
from training.subjects import Run, bundle_of, read_run, val_images
from training.weights import load_model
from training.yolo import home

console = Console()


def compare_heads(run: Run, places: Places) -> list[list[str]]:
    """A table: its head, then a row a head. Raises BadSetting, BadLabel."""
    home(places.runs)
    dataset = read_dataset(places.descriptions, run.recipe.dataset)
    model = load_model(run.checkpoint())
    images = val_images(run, dataset, places)
    rows: dict[str, list[str]] = {}
    opened: dict[str, Detector] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for head in get_args(Head):
            folder = Path(scratch) / head
            folder.mkdir()
            write_onnx(model, head, run.recipe.export.image_size, folder / "model.onnx")
            files = GraphFiles("onnxruntime", "fp32", {"model.onnx": sha256_of(folder / "model.onnx")})
            made = bundle_of(run.recipe, dataset, "0", dict.fromkeys(dataset.classes, 0.05), (files,))
            bundle = replace(made, head=head)
            opened[head] = Detector(bundle, folder, open_runtime("onnxruntime", "fp32", bundle, folder, os.cpu_count() or 1))
            looked = look_at(seeing(opened[head]), places.pictures, dataset, images, f"val: {head}", console)
            figures = average_precision(looked, dataset.classes)
            rows[head] = [f"{shown(figures[name].ap50)} · {shown(figures[name].ap50_95)}" for name in dataset.classes]
        seconds = raced(opened, opened[next(iter(opened))].bundle)
    first = seconds[next(iter(seconds))]
    columns = ["head", *(f"{name}: AP50 · AP50-95 on val" for name in dataset.classes), "time"]
    return [columns, *([head, *cells, f"{seconds[head] / first:.2f}"] for head, cells in rows.items())]


def main(run: Annotated[Path, typer.Argument(help="a run folder of training.train")]) -> None:
    """Compare both heads of RUN on val."""
    try:
        head, *rows = compare_heads(read_run(run), usual_places())
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print("\n".join(markdown_table(head, rows)), markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
