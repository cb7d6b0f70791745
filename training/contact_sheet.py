"""Many pictures on one: a contact sheet for eyes that look for what is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from balefire.domain.geometry import Box

CELL, CAPTION, GAP = 240, 34, 6  # pixels
PAPER, INK = 250, (30, 30, 30)
COLOURS = {"truth": (60, 170, 40), "found": (40, 60, 230), "fault": (0, 140, 255)}  # BGR
FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True)
class Mark:
    """One box on a picture. `role`: "truth" (labelled, green), "found" (by a detector, red) or "fault" (orange)."""

    box: Box
    role: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a sheet, with up to two lines of ASCII below it. A picture that cannot be read is a crossed cell."""

    image: Path
    caption: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


def write_sheet(tiles: Sequence[Tile], path: Path, columns: int = 5) -> None:
    """Draw `tiles`, row by row, into the PNG or JPEG `path`. Raises ValueError where there are none, OSError where the
    sheet cannot be written."""
    if not tiles:
        raise ValueError("a contact sheet needs a picture")
    columns = min(columns, len(tiles))
    rows = math.ceil(len(tiles) / columns)
    wide, high = columns * (CELL + GAP) + GAP, rows * (CELL + CAPTION + GAP) + GAP
    sheet = np.full((high, wide, 3), PAPER, np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        x, y = GAP + column * (CELL + GAP), GAP + row * (CELL + CAPTION + GAP)
        sheet[y : y + CELL, x : x + CELL] = _cell(tile)
        for line, text in enumerate(tile.caption[:2]):
            cv2.putText(sheet, text[:38], (x, y + CELL + 13 + 15 * line), FONT, 0.36, INK, 1, cv2.LINE_AA)
    if not cv2.imwrite(str(path), sheet):
        raise OSError(f"{path}: cannot be written")


def _cell(tile: Tile) -> NDArray[np.uint8]:
    cell = np.full((CELL, CELL, 3), 225, np.uint8)
    picture = cv2.imread(str(tile.image), cv2.IMREAD_COLOR)
    if picture is None:
        cv2.line(cell, (0, 0), (CELL, CELL), COLOURS["fault"], 2)
        cv2.line(cell, (0, CELL), (CELL, 0), COLOURS["fault"], 2)
        return cell
    scale = CELL / max(picture.shape[:2])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    for mark in tile.marks:
        _draw(small, mark)
    top, left = (CELL - size[1]) // 2, (CELL - size[0]) // 2
    cell[top : top + size[1], left : left + size[0]] = small
    return cell


def _draw(picture: NDArray[Any], mark: Mark) -> None:
    high, wide = picture.shape[:2]
    x1, y1, x2, y2 = mark.box.x1 * wide, mark.box.y1 * high, mark.box.x2 * wide, mark.box.y2 * high
    colour = COLOURS[mark.role]
    cv2.rectangle(picture, (round(x1), round(y1)), (round(x2) - 1, round(y2) - 1), colour, 1)
    if mark.text:
        cv2.putText(picture, mark.text, (round(x1) + 1, max(10, round(y1) - 2)), FONT, 0.36, colour, 1, cv2.LINE_AA)
