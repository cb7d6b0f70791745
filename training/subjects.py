"""What can be judged: a bundle, in the runtime that serves, or a run, in torch. Both through the same detector."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from balefire.domain.bundle import Bundle, GraphFiles, InputSpec
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadLabel, BadSetting
from balefire.vision.detector import Detector, load_detector
from balefire.vision.runtimes import Runtime
from training.data import Dataset, Sample, Source, check_sample
from training.places import Places
from training.recipe import Recipe
from training.torch_runtime import TorchRuntime
from training.weights import load_model

UNSET = 0.05  # of a run, until val says better


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder as `training.train` leaves it. `record` is its run.json."""

    folder: Path
    recipe: Recipe
    record: dict[str, Any]

    def checkpoint(self, which: str = "best") -> Path:
        """`which`: best or last. Raises BadSetting where training has not come so far."""
        path = self.folder / "weights" / f"{which}.pt"
        if not path.is_file():
            raise BadSetting(f"{path}: no such checkpoint; the run has not finished an epoch")
        return path

    @property
    def epochs(self) -> int:
        """Those that are done, by results.csv."""
        rows = (self.folder / "results.csv").read_text(encoding="utf-8").strip().splitlines()
        return len(rows) - 1

    def samples(self) -> list[Sample]:
        """The pictures that it was trained and validated on."""
        text = (self.folder / "manifest.jsonl").read_text(encoding="utf-8")
        return [Sample(**json.loads(row)) for row in text.splitlines()]


def read_run(folder: Path) -> Run:
    """Raises BadSetting where `folder` is no run of `training.train`."""
    path = folder / "run.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return Run(folder, Recipe.model_validate(record["recipe"]), record)
    except FileNotFoundError as error:
        raise BadSetting(f"{folder}: neither a bundle (bundle.toml) nor a run (run.json)") from error
    except (json.JSONDecodeError, KeyError, TypeError, ValidationError) as error:
        raise BadSetting(f"{path}: not a record of this balefire's training: {error}") from error


def bundle_of(
    recipe: Recipe, dataset: Dataset, version: str, thresholds: dict[str, float], files: tuple[GraphFiles, ...] = ()
) -> Bundle:
    """The facts of a bundle that stand in the recipe. A hazard of a class that the data set lacks raises BadSetting."""
    unknown = sorted(set(recipe.export.hazards) - set(dataset.classes))
    if unknown:
        raise BadSetting(f"export.hazards: {unknown[0]} is no class of {dataset.name}")
    size = recipe.export.image_size
    return Bundle(
        name=recipe.detector,
        version=version,
        classes=tuple(dataset.classes),
        hazards={name: Hazard(hazard) for name, hazard in recipe.export.hazards.items()},
        input=InputSpec(size, size),
        head=recipe.export.head,
        licence=recipe.export.licence,
        thresholds=thresholds,
        files=files,
    )


def run_detector(run: Run, dataset: Dataset, model: Any | None = None, which: str = "best") -> Detector:
    """The run's model in torch, behind the detector that serves; its thresholds are not chosen yet."""
    bundle = bundle_of(run.recipe, dataset, run.folder.name, dict.fromkeys(dataset.classes, UNSET))
    runtime: Runtime = TorchRuntime(model or load_model(run.checkpoint(which)), bundle.head)
    return Detector(bundle, run.folder, runtime)


def is_bundle(folder: Path) -> bool:
    return (folder / "bundle.toml").is_file()


def bundle_detector(folder: Path, runtime: str, threads: int) -> tuple[Detector, str]:
    """A bundle and the name of the data set it is judged on. Raises BundleMismatch, BadSetting."""
    detector = load_detector(folder, runtime, threads)
    dataset = detector.bundle.provenance.get("dataset")
    if not dataset:
        raise BadSetting(f"{folder / 'bundle.toml'}: provenance names no dataset, whose lists would judge it")
    return detector, dataset


def val_images(run: Run, dataset: Dataset, places: Places) -> list[str]:
    """The val pictures of the run's manifest. Raises BadLabel where one changed since: figures would not compare."""
    kept = [sample for sample in run.samples() if sample.split == "val"]
    for sample in kept:
        if check_sample(places.pictures, dataset, "val", sample.image) != sample:
            raise BadLabel(f"{places.pictures / sample.image}: it or its label changed since {run.folder.name} was trained")
    return [sample.image for sample in kept]


def training_sources(run: Run, dataset: Dataset) -> dict[str, tuple[Source, int]]:
    """The sources that the run was trained on, with their numbers of training pictures, the largest first."""
    counts = Counter(sample.source for sample in run.samples() if sample.split == "train")
    return {key: (dataset.sources[key], count) for key, count in counts.most_common()}
