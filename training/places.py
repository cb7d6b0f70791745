"""Where a training program finds and leaves things. Passed in, so that a check can work in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from balefire.folders import datasets_folder, runs_folder

CHECKOUT = Path(__file__).resolve().parent.parent
DESCRIPTIONS = CHECKOUT / "datasets"
MODELS = CHECKOUT / "models"


@dataclass(frozen=True, slots=True)
class Places:
    """`pictures`: labelled pictures and their lists; `descriptions`: `<set>/dataset.toml`; `runs`: training runs and
    prepared sets; `models`: released bundles."""

    pictures: Path
    descriptions: Path
    runs: Path
    models: Path


def usual_places() -> Places:
    """By the environment and the checkout. Raises BadSetting where BALEFIRE_DATASETS is unset or no folder."""
    return Places(datasets_folder(), DESCRIPTIONS, runs_folder(), MODELS)
