"""A training recipe as one typed value: `configs/training/*.toml`. A misspelt key stops the run, naming the near one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from balefire.strict_toml import StrictModel, read_toml


class Schedule(StrictModel):
    """How long and how fast. Image sizes in pixels, rates per optimiser step."""

    epochs: int = Field(ge=1)
    image_size: int = Field(ge=64, le=1536, multiple_of=32)
    batch: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    final_rate: float = Field(default=0.02, gt=0, le=1)  # last learning rate as a share of the first
    warmup_epochs: float = Field(default=0.5, ge=0)
    weight_decay: float = Field(default=0.0005, ge=0)
    optimizer: Literal["AdamW", "SGD", "MuSGD", "auto"] = "AdamW"
    workers: int = Field(default=2, ge=0)
    seed: int = 0


class Augmentation(StrictModel):
    """Probabilities 0–1, gains 0–1. Names and meaning as in Ultralytics."""

    mosaic: float = Field(default=1.0, ge=0, le=1)
    close_mosaic: int = Field(default=2, ge=0)  # the last epochs see whole pictures, as the service does
    mixup: float = Field(default=0.0, ge=0, le=1)
    scale: float = Field(default=0.5, ge=0, le=1)
    translate: float = Field(default=0.1, ge=0, le=1)
    hue: float = Field(default=0.015, ge=0, le=1)
    saturation: float = Field(default=0.5, ge=0, le=1)
    value: float = Field(default=0.4, ge=0, le=1)
    flip: float = Field(default=0.5, ge=0, le=1)


class Export(StrictModel):
    """What the bundle carries. `int8`: whether INT8 forms are tried; they are released where they pass and pay."""

    image_size: int = Field(default=640, ge=64, le=1536, multiple_of=32)
    head: Literal["anchor-free-nms", "end-to-end"] = "anchor-free-nms"
    false_alarm_budget: float = Field(default=0.03, ge=0, le=1)  # share of val backgrounds that may get a detection
    int8: bool = True
    hazards: dict[str, Literal["flame", "smoke", "waste"]]
    licence: str


class Compose(StrictModel):
    """Pictures made of `cutouts` (a source) heaped on the training pictures of the sources `backgrounds` that hold nothing;
    the heaps are labelled `class_name`. For training alone."""

    cutouts: str
    backgrounds: list[str] = Field(min_length=1)
    pictures: int = Field(ge=1, le=20_000)
    class_name: str
    seed: int = 0


class PseudoLabels(StrictModel):
    """What the released detector `bundle` sees of `classes`, from `min_confidence` on, is taken for labelled on the training
    pictures of `sources`, which leave these classes out."""

    bundle: str
    sources: list[str] = Field(min_length=1)
    classes: list[str] = Field(min_length=1)
    min_confidence: float = Field(default=0.5, gt=0, lt=1)


class Recipe(StrictModel):
    """`weights`: a bundle folder, a file, or a name looked for in BALEFIRE_WEIGHTS and then fetched by Ultralytics.
    `exclude_sources`: not trained on; `exclude_licences`: the same by parts of licences, such as NC.
    `add_lists`: lists below BALEFIRE_DATASETS to train on beside those of the set.
    `repeat`: source → how often an epoch shows each of its training pictures; 1 unless told, 0.5 shows half of them."""

    detector: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    dataset: str
    weights: str
    commercial_use: bool = False
    exclude_sources: list[str] = []
    exclude_licences: list[str] = []
    add_lists: list[str] = []
    repeat: dict[str, Annotated[float, Field(gt=0, le=20)]] = {}
    compose: Compose | None = None
    pseudo_labels: PseudoLabels | None = None
    schedule: Schedule
    augmentation: Augmentation = Augmentation()
    export: Export


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe. Raises BadSetting with the file and the key."""
    return read_toml(path, Recipe)
