"""A labelled set of eight grey pictures in a folder of its own, to break one piece at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from balefire.vision.image import to_jpeg
from training.places import Places
from training.recipe import Recipe

LISTS = {"train": [0, 1, 2, 3], "val": [4, 5], "test": [6, 7]}
DESCRIPTION = """
name = "small"
classes = ["flame", "smoke"]
split_rule = "by hand"
[lists]
train = ["lists/small.train.txt"]
val = ["lists/small.val.txt"]
[lists.test.all]
path = "lists/small.test.txt"
judge = ["flame"]
[sources.grey]
path = "small"
origin = "made by a test"
licence = "none"
commercial_use = true
pictures = 8
"""
RECIPE = Recipe.model_validate({
    "detector": "small", "dataset": "small", "weights": "yolo26n.yaml",
    "schedule": {"epochs": 1, "image_size": 64, "batch": 2, "learning_rate": 0.001},
    "export": {"hazards": {"flame": "flame", "smoke": "smoke"}, "licence": "none"},
})  # fmt: skip


def small_set(folder: Path) -> Places:
    """Eight pictures; the even ones hold a flame in the middle, the odd ones nothing."""
    places = Places(folder / "pictures", folder / "datasets", folder / "runs", folder / "models")
    write(places.descriptions / "small" / "dataset.toml", DESCRIPTION)
    for number in range(8):
        picture = places.pictures / image(number)
        write(picture, to_jpeg(np.full((48, 64, 3), 30 * number, np.uint8)))
        write(label(places, number), "0 0.5 0.5 0.25 0.5\n" if number % 2 == 0 else "")
    for name, numbers in LISTS.items():
        write_list(places, name, numbers)
    return places


def image(number: int) -> str:
    return f"small/images/{number}.jpg"


def label(places: Places, number: int) -> Path:
    return places.pictures / "small" / "labels" / f"{number}.txt"


def write_list(places: Places, name: str, numbers: list[int]) -> None:
    write(places.pictures / "lists" / f"small.{name}.txt", "".join(f"{image(number)}\n" for number in numbers))


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
