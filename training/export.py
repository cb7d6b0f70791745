"""Make a bundle of a run, and prove that it sees what was trained.

    python -m training.export RUN --recipe configs/training/fire.toml --version 0.1.0

Writes models/<detector>/<version>/: the ONNX graph, weights.pt to train on from, thresholds chosen on val, rendered
golden pictures, LICENSE, report/ and card.md. Refuses a graph whose boxes are not those of the trained model, free
weights made of data that are not, and a folder over 25 MB. All is written beside and renamed at the end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from balefire.domain.bundle import Bundle, GraphFiles
from balefire.domain.errors import BadSetting, BalefireError, BundleMismatch, Conflict
from balefire.vision.bundles import read_bundle
from balefire.vision.detector import Detector, load_detector
from balefire.vision.golden import check_golden
from balefire.vision.headers import read_header
from balefire.vision.image import decode
from balefire.vision.letterbox import letterbox
from training.bundle_files import bundle_toml, licence_text, sha256_of
from training.card import CardFacts, card
from training.data import Dataset, Source, read_dataset
from training.evaluate import choose_on_val, judge_detector
from training.forms import Form, measure_forms
from training.golden_pictures import write_golden_pictures
from training.graph import write_onnx
from training.parity import SCORE_FLOOR
from training.peers import peer_figures
from training.places import Places, usual_places
from training.quantise import Tensor
from training.recipe import read_recipe
from training.report import as_table, write_report
from training.subjects import Run, bundle_of, read_run, run_detector, training_sources, val_images
from training.weights import load_model, save_weights
from training.yolo import home

PARITY_PICTURES = 200

console = Console()


@dataclass(frozen=True, slots=True)
class Draft:
    """A bundle on its way: what it is made of, and the folder that is renamed at the end."""

    run: Run
    dataset: Dataset
    model: Any
    folder: Path
    sources: dict[str, tuple[Source, int]]


def export(run: Run, version: str, places: Places, checkpoint: str = "best", replace_old: bool = False) -> Path:
    """Make the bundle of `run` and return its folder. Raises BundleMismatch, BadSetting, BadLabel, Conflict."""
    home(places.runs)
    dataset = read_dataset(places.descriptions, run.recipe.dataset)
    sources = training_sources(run, dataset)
    refuse_false_freedom(run, sources)
    target = places.models / run.recipe.detector / version
    model = load_model(run.checkpoint(checkpoint))
    with written_beside(target, replace_old) as folder:
        draft = Draft(run, dataset, model, folder, sources)
        _fill(draft, version, places)
        console.print(f"checked: golden pictures found again {check_golden(load_detector(folder)):.1%}")
    return target


def _fill(draft: Draft, version: str, places: Places) -> None:
    run, dataset, folder = draft.run, draft.dataset, draft.folder
    provisional = _write_graph(draft, version)
    forms = _forms(draft, provisional, places)
    detector = load_detector(folder, threads=os.cpu_count() or 1)
    chosen = choose_on_val(detector, dataset, places, val_images(run, dataset, places), run.recipe.export.false_alarm_budget)
    released = tuple(form.files for form in forms if form.files and not form.fault)
    bundle = replace(provisional, thresholds=chosen.thresholds, files=released)
    alarmed = chosen.false_alarms
    how = f"chosen on val: {alarmed.found} of {alarmed.of} backgrounds alarmed; budget {chosen.budget:.1%}"
    (folder / "bundle.toml").write_text(bundle_toml(bundle, how), encoding="utf-8")
    figures = judge_detector(detector, chosen.thresholds, dataset, places)
    console.print(as_table(figures))
    write_report(figures, folder / "report")
    shutil.copyfile(run.folder / "results.csv", folder / "report" / "results.csv")
    facts = CardFacts(
        bundle, dataset, figures, chosen, forms, draft.sources, run.record, run.epochs, run.recipe.commercial_use,
        peer_figures(places, dataset.name),
    )  # fmt: skip
    (folder / "card.md").write_text(card(facts), encoding="utf-8")
    licence = licence_text(bundle, draft.sources, run.recipe.commercial_use, not_free(run, draft.sources))
    (folder / "LICENSE").write_text(licence, encoding="utf-8")
    write_golden_pictures(load_detector(folder))


def _write_graph(draft: Draft, version: str) -> Bundle:
    """model.onnx, weights.pt and a bundle.toml whose thresholds are yet to be chosen."""
    recipe, folder, record = draft.run.recipe, draft.folder, draft.run.record
    write_onnx(draft.model, recipe.export.head, recipe.export.image_size, folder / "model.onnx")
    save_weights(draft.model, folder / "weights.pt")
    files = GraphFiles("onnxruntime", "fp32", {"model.onnx": sha256_of(folder / "model.onnx")})
    provenance = {
        "recipe": record["recipe_path"], "dataset": recipe.dataset, "data": record["data"], "code": record["code"],
        "weights": record["weights"], "commercial_use": "yes" if recipe.commercial_use else "no",
        "false_alarm_budget": str(recipe.export.false_alarm_budget),
    }  # fmt: skip
    thresholds = dict.fromkeys(draft.dataset.classes, SCORE_FLOOR)
    bundle = replace(bundle_of(recipe, draft.dataset, version, thresholds, (files,)), provenance=provenance)
    (folder / "bundle.toml").write_text(bundle_toml(bundle, "to be chosen"), encoding="utf-8")
    return bundle


def _forms(draft: Draft, bundle: Bundle, places: Places) -> list[Form]:
    """All forms of the graph against torch on val pictures. Raises BundleMismatch where float32 misses its bar."""
    images = _thinned(val_images(draft.run, draft.dataset, places), PARITY_PICTURES)
    trained = run_detector(draft.run, draft.dataset, draft.model)
    ranges = _calibration(draft, trained, places) if draft.run.recipe.export.int8 else []
    threads = os.cpu_count() or 1
    forms = measure_forms(
        bundle, draft.folder, trained, images, places.pictures, draft.dataset, ranges, threads, console
    )  # fmt: skip
    for form in forms:
        console.print(f"{form.name}: {form.parity.matched:.2%} of {form.parity.boxes} boxes match, {form.fault or 'good'}")
    if forms[0].fault:
        raise BundleMismatch(f"model.onnx: {forms[0].fault}")
    return forms


def _calibration(draft: Draft, trained: Detector, places: Places) -> list[Tensor]:
    """Training pictures as the graph gets them. Never val: parity is measured there. Composed ones lie elsewhere."""
    images = [sample.image for sample in draft.run.samples() if sample.split == "train"]
    images = [image for image in images if (places.pictures / image).is_file()]
    tensors = []
    for image in _thinned(images, PARITY_PICTURES):
        data = (places.pictures / image).read_bytes()
        rgb = decode(data, read_header(data), thermal=trained.bundle.thermal)
        tensors.append(letterbox(rgb, trained.bundle.input)[0])
    return tensors


def _thinned(images: list[str], number: int) -> list[str]:
    return images[:: max(1, len(images) // number)][:number]


def not_free(run: Run, sources: dict[str, tuple[Source, int]]) -> list[str]:
    """What these weights were made of that is not free for commercial use."""
    closed = [key for key, (source, _) in sources.items() if not source.commercial_use]
    return closed if run.record.get("weights_commercial_use", True) else [str(run.record["weights"]), *closed]


def refuse_false_freedom(run: Run, sources: dict[str, tuple[Source, int]]) -> None:
    """Raises BadSetting where the recipe claims `commercial_use` of what does not allow it."""
    closed = not_free(run, sources)
    if run.recipe.commercial_use and closed:
        raise BadSetting(f"commercial_use = true, but it was made of {', '.join(closed)}, which is not free for it")


@contextmanager
def written_beside(target: Path, replace_old: bool) -> Iterator[Path]:
    """A folder beside `target` that takes its name when all went well and is gone when not. Conflict, BadSetting."""
    if target.exists() and not replace_old:
        raise Conflict(f"{target}: already there; a released version does not change (--replace for one that is not)")
    partial, old = (target.parent / f".{target.name}.{word}" for word in ("partial", "old"))
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        read_bundle(partial)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
        partial.rename(target)
    except OSError as error:
        raise BadSetting(f"{partial}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def with_recipe(run: Run, path: Path | None) -> Run:
    """`run` with the export settings of the recipe at `path`. Raises BadSetting where it is for something else."""
    if path is None:
        return run
    recipe = read_recipe(path)
    for key in ("detector", "dataset"):
        if getattr(recipe, key) != getattr(run.recipe, key):
            raise BadSetting(f"{path}: {key} is {getattr(recipe, key)}, the run's is {getattr(run.recipe, key)}")
    commercial = {"commercial_use": recipe.commercial_use, "export": recipe.export}
    return replace(run, recipe=run.recipe.model_copy(update=commercial), record={**run.record, "recipe_path": str(path)})


def main(
    run: Annotated[Path, typer.Argument(help="the run folder that training.train named")],
    version: Annotated[str, typer.Option(help="of the bundle, such as 0.1.0")],
    recipe: Annotated[Path | None, typer.Option(help="its [export]; the one of the run by default")] = None,
    checkpoint: Annotated[str, typer.Option(help="best or last")] = "best",
    replace_old: Annotated[bool, typer.Option("--replace", help="a version that was never released")] = False,
) -> None:
    """Make a bundle of RUN."""
    try:
        made = export(with_recipe(read_run(run), recipe), version, usual_places(), checkpoint, replace_old)
    except BalefireError as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print(f"bundle: {made}; python -m training.promote {made}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
