"""A labelled set in memory, whatever form it came in: pictures with boxes in shares of the picture, by class name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.labels import LabelBox


@dataclass(frozen=True, slots=True)
class Annotated:
    """One picture. `name`: its file's name, unique in the set; `split`: train, val, test or another; `width`, `height`:
    pixels; `boxes`: class indices into the set's classes."""

    name: str
    picture: Path
    split: str
    width: int
    height: int
    boxes: tuple[LabelBox, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedSet:
    """`classes` in label order."""

    classes: tuple[str, ...]
    pictures: tuple[Annotated, ...]

    @property
    def splits(self) -> dict[str, list[Annotated]]:
        found: dict[str, list[Annotated]] = {}
        for picture in self.pictures:
            found.setdefault(picture.split, []).append(picture)
        return found
