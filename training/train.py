"""Train one detector.

    python -m training.train configs/training/fire.toml
    python -m training.train configs/training/fire.toml --weights models/fire/0.2.0       # go on from what is released
    python -m training.train configs/training/fire.toml --resume RUN              # go on with this run and no other
    python -m training.train configs/training/fire.toml --limit 64 --epochs 1     # a check on a laptop

Fine-tunes an Ultralytics YOLO from the recipe's weights, on a GPU when there is one and on the CPU otherwise. The run
folder in BALEFIRE_RUNS is named after the recipe and the data: the same command after an interruption goes on from
the last epoch, and after the end says so and does nothing. A GPU that runs out of memory gets half the batch.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from balefire.domain.errors import BadSetting, BalefireError
from balefire.vision.bundles import read_bundle
from training.places import Places, usual_places
from training.prepare import PreparedSet, prepare
from training.recipe import Recipe, read_recipe
from training.subjects import read_run
from training.yolo import find_weights, home, keep_freed_memory, trainer_class

console = Console()


def train(recipe: Recipe, recipe_path: Path, prepared: PreparedSet, places: Places, device: str | None = None) -> Path:
    """Train `recipe` on `prepared` and return the run folder: run.json, results.csv, curves, weights/best.pt.

    `device` is handed to Ultralytics ("cpu", "0"); None chooses a GPU when there is one.
    """
    home(places.runs)
    keep_freed_memory()
    run = places.runs / run_name(recipe, recipe_path, prepared)
    if finished(run):
        console.print(f"already trained: {run}")
        return run
    last = run / "weights" / "last.pt"
    if last.is_file():
        console.print(f"going on from {last}")
    else:
        run.mkdir(parents=True, exist_ok=True)
        _write_record(run, recipe, recipe_path, prepared)
    settings = {**_settings(recipe, prepared, run), "device": device}
    _within_memory(lambda batch: trainer_class(every_epoch=_say_epoch)(overrides=_from_where(last, settings, batch)))
    (run / "finished").touch()
    return run


def _from_where(last: Path, settings: dict[str, Any], batch: int | None) -> dict[str, Any]:
    """Ultralytics' settings: from the last checkpoint where there is one, with `batch` where it was halved."""
    if not last.is_file():
        return {**settings, "batch": batch or settings["batch"]}
    going_on = {"model": str(last), "resume": str(last), "device": settings["device"]}
    return {**going_on, "batch": batch} if batch else going_on


def _within_memory(trainer_with: Callable[[int | None], Any]) -> None:
    """Train; halve the batch and go on from the last checkpoint for as long as memory runs out.

    Ultralytics does so within the first epoch only. Raises BadSetting where one picture is already too much.
    """
    batch = None
    while True:
        trainer = trainer_with(batch)
        try:
            trainer.train()
            return
        except RuntimeError as error:
            if "out of memory" not in str(error).lower():
                raise
            batch = trainer.batch_size // 2
        if batch < 1:
            raise BadSetting("out of memory even with one picture a batch: image_size is too large for this device")
        console.print(f"out of memory: going on with {batch} pictures a batch instead of {trainer.batch_size}")


def check_resumed(resumed: Path, run: Path, recipe: Recipe, fingerprint: str) -> None:
    """Refuse to go on with the run folder `resumed` unless it is the one, `run`, that this recipe and data would make.

    Raises BadSetting, naming the first setting that differs.
    """
    if resumed.resolve() == run.resolve():
        return
    other = read_run(resumed)
    wanted, there = recipe.model_dump(), other.recipe.model_dump()
    for key in wanted:
        if wanted[key] != there[key]:
            raise BadSetting(f"{resumed}: a run of another recipe: {key} was {there[key]}, here it is {wanted[key]}")
    if other.record["data"] != fingerprint:
        raise BadSetting(
            f"{resumed}: a run on other pictures or labels: manifest {other.record['data'][:12]}, here {fingerprint[:12]}"
        )
    raise BadSetting(f"{resumed}: a copy of {run}; this recipe goes on there")


def run_name(recipe: Recipe, recipe_path: Path, prepared: PreparedSet) -> str:
    """Recipe's file name and a mark that changes with the recipe, the data and the starting weights."""
    mark = hashlib.sha256(f"{recipe.model_dump_json()}{prepared.fingerprint}".encode()).hexdigest()
    return f"{recipe_path.stem}-{mark[:8]}"


def finished(run: Path) -> bool:
    """Whether the run came to its end."""
    return (run / "finished").is_file()


def _settings(recipe: Recipe, prepared: PreparedSet, run: Path) -> dict[str, Any]:
    """The recipe in Ultralytics' words: https://docs.ultralytics.com/usage/cfg/"""
    plan, looks = recipe.schedule, recipe.augmentation
    return {
        "model": find_weights(recipe.weights), "data": str(prepared.folder / "data.yaml"),
        "project": str(run.parent), "name": run.name, "exist_ok": True,
        "epochs": plan.epochs, "imgsz": plan.image_size, "batch": plan.batch,
        "workers": plan.workers, "seed": plan.seed,
        "nbs": plan.batch,  # step after every batch: short schedules need the steps more than the averaging
        "optimizer": plan.optimizer, "lr0": plan.learning_rate, "lrf": plan.final_rate, "cos_lr": True,
        "warmup_epochs": plan.warmup_epochs, "warmup_bias_lr": plan.learning_rate, "weight_decay": plan.weight_decay,
        "mosaic": looks.mosaic, "close_mosaic": looks.close_mosaic, "mixup": looks.mixup, "scale": looks.scale,
        "translate": looks.translate, "hsv_h": looks.hue, "hsv_s": looks.saturation, "hsv_v": looks.value,
        "fliplr": looks.flip, "amp": _has_gpu(), "deterministic": True, "cache": "ram", "plots": True, "patience": 0,
    }  # fmt: skip


def _has_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())


def _write_record(run: Path, recipe: Recipe, recipe_path: Path, prepared: PreparedSet) -> None:
    """What it takes to repeat the run: recipe, data, code, weights, environment."""
    import torch
    import ultralytics

    weights = Path(find_weights(recipe.weights))
    record = {
        "recipe": recipe.model_dump(),
        "recipe_path": str(recipe_path),
        "data": prepared.fingerprint,
        "code": code_version(),
        **_origin(weights),
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else None,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "ultralytics": ultralytics.__version__,
        },
        "processor": platform.processor() or platform.machine(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "threads": os.cpu_count(),
    }
    (run / "run.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    (run / "manifest.jsonl").write_text((prepared.folder / "manifest.jsonl").read_text(encoding="utf-8"), encoding="utf-8")


def _origin(weights: Path) -> dict[str, object]:
    """What the weights are called, and whether they bind what is trained from them: a bundle's own licence goes on."""
    if not (weights.parent / "bundle.toml").is_file():
        return {"weights": weights.name, "weights_commercial_use": True}
    bundle = read_bundle(weights.parent)
    return {"weights": bundle.reference, "weights_commercial_use": bundle.provenance.get("commercial_use") == "yes"}


def code_version() -> str:
    """The git commit of the checkout, with `+` where files differ from it; `unknown` outside git."""
    here = Path(__file__).parent
    asked = ["git", "describe", "--always", "--abbrev=12", "--dirty=+"]
    said = subprocess.run(asked, cwd=here, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


def _say_epoch(trainer: Any) -> None:
    """One plain line an epoch, for logs without a terminal; the last check of the best weights is none."""
    if trainer.epoch >= trainer.epochs:
        return
    figures = {key.split("/")[-1]: round(float(value), 3) for key, value in trainer.metrics.items() if "mAP" in key}
    left = (trainer.epochs - trainer.epoch - 1) * (trainer.epoch_time or 0)
    console.print(f"epoch {trainer.epoch + 1} of {trainer.epochs}: {figures}, about {left / 60:.0f} min left", markup=False)


def main(
    recipe: Annotated[Path, typer.Argument(help="configs/training/<detector>.toml")],
    resume: Annotated[
        Path | None, typer.Option(help="the run folder to go on with; refused where it is of another recipe")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="instead of the recipe's: a bundle, a file or a name")] = None,
    limit: Annotated[int | None, typer.Option(help="train on about so many pictures, for a check")] = None,
    epochs: Annotated[int | None, typer.Option(help="instead of the recipe's")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, 0, 0,1 …; a GPU when there is one")] = None,
) -> None:
    """Train the detector of RECIPE; the same command goes on after an interruption."""
    try:
        settings, places = read_recipe(recipe), usual_places()
        if weights:
            settings = settings.model_copy(update={"weights": weights})
        if epochs:
            settings = settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"epochs": epochs})})
        prepared = prepare(settings, places, limit)
        if resume:
            check_resumed(resume, places.runs / run_name(settings, recipe, prepared), settings, prepared.fingerprint)
        run = train(settings, recipe, prepared, places, device)
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print(f"run folder: {run}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
