"""YOLO label files: one line a box, `class cx cy w h`, 0–1; an empty file is a background.

Format: https://docs.ultralytics.com/datasets/detect/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from balefire.domain.errors import BadLabel

EDGE_SLACK = 1e-4  # labels are printed with six digits: a box at the edge may stick out by rounding


@dataclass(frozen=True, slots=True)
class LabelBox:
    """One labelled box. `cx, cy, w, h` are shares of the picture, 0–1, origin top left."""

    class_index: int
    cx: float
    cy: float
    w: float
    h: float

    @classmethod
    def of_corners(cls, class_index: int, x1: float, y1: float, x2: float, y2: float) -> LabelBox:
        """Corners in shares of the picture."""
        return cls(class_index, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """Corners x1, y1, x2, y2, shares of the picture."""
        return (self.cx - self.w / 2, self.cy - self.h / 2, self.cx + self.w / 2, self.cy + self.h / 2)


def label_path(image: Path) -> Path:
    """The label file that belongs to `images/x.jpg`: `labels/x.txt`."""
    return image.parent.parent / "labels" / f"{image.stem}.txt"


def read_labels(path: Path, classes: int) -> list[LabelBox]:
    """Read one label file. Raises BadLabel with the file and the line of the first fault."""
    lines = enumerate(label_lines(path), start=1)
    return [parse_label(line, f"{path}:{number}", classes) for number, line in lines if line.strip()]


def label_lines(path: Path) -> list[str]:
    """Raises BadLabel where there is no such text file."""
    try:
        return path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError as error:
        raise BadLabel(f"{path}: no such label file; a background has an empty one") from error
    except UnicodeDecodeError as error:
        raise BadLabel(f"{path}: not a text file") from error


def parse_label(line: str, where: str, classes: int) -> LabelBox:
    """One line of a label file. Raises BadLabel that begins with `where`."""
    parts = line.split()
    if len(parts) != 5:
        raise BadLabel(f"{where}: expected 'class cx cy w h', got {len(parts)} fields")
    try:
        index, (cx, cy, w, h) = int(parts[0]), map(float, parts[1:])
    except ValueError as error:
        raise BadLabel(f"{where}: not a number: {line!r}") from error
    if not 0 <= index < classes:
        raise BadLabel(f"{where}: class {index} does not exist (0 to {classes - 1})")
    return checked_box(LabelBox(index, cx, cy, w, h), where)


def checked_box(box: LabelBox, where: str) -> LabelBox:
    """`box`, if it has a size and lies in the picture. Raises BadLabel that begins with `where`."""
    if not (box.w > 0 and box.h > 0):
        raise BadLabel(f"{where}: a box needs width and height, got {box.w} × {box.h}")
    if not all(-EDGE_SLACK <= value <= 1 + EDGE_SLACK for value in box.xyxy):
        raise BadLabel(f"{where}: box outside the picture: {format_labels([box]).strip()!r}")
    return box


def format_labels(boxes: Iterable[LabelBox], digits: int = 6) -> str:
    """The text of a label file; empty for a background."""
    return "".join(
        f"{one.class_index} {one.cx:.{digits}f} {one.cy:.{digits}f} {one.w:.{digits}f} {one.h:.{digits}f}\n" for one in boxes
    )
