"""A small labelled set that this machine renders: pictures, labels and lists as `datasets/rendered/dataset.toml` says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from balefire.domain.geometry import Box
from balefire.vision.image import to_jpeg
from balefire.vision.scenes.training import training_picture
from training.data import Dataset
from training.steps import steps

SIZE = (320, 192)
SPLITS = {"train": range(40), "val": range(40, 60), "test": range(60, 80)}  # four seeds in a row share a place


def render(root: Path, dataset: Dataset, console: Console) -> int:
    """Write the set below `root` and return the number of its pictures."""
    seeds = [(split, seed) for split, seeds in SPLITS.items() for seed in seeds]
    lists: dict[str, list[str]] = {}
    with steps(seeds, "rendering", console) as walk:
        for split, seed in walk:
            picture, truth = training_picture(seed, SIZE)
            image = f"rendered/images/{seed:03d}.jpg"
            _write(root / image, to_jpeg(picture))
            _write(root / f"rendered/labels/{seed:03d}.txt", _label(truth, dataset.classes).encode("ascii"))
            key = split if split != "test" else "test_fire" if truth else "test_no_fire"
            lists.setdefault(key, []).append(image)
    for key, images in lists.items():
        _write(root / f"lists/rendered.{key}.txt", ("\n".join(images) + "\n").encode("ascii"))
    return len(seeds)


def _label(truth: Sequence[tuple[str, Box]], classes: Sequence[str]) -> str:
    rows = [(classes.index(name), *box.centre, box.x2 - box.x1, box.y2 - box.y1) for name, box in truth]
    return "".join(f"{index} {cx:.6f} {cy:.6f} {w:.6f} {h:.6f}\n" for index, cx, cy, w, h in rows)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
