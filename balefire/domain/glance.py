"""What a picture says of the camera that took it, whatever it shows: light, structure, focus, and where its edges lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

COLUMNS, ROWS = 32, 18  # cells of the map of edges
SHAKE = 1  # a mast in the wind moves the view by less than so many cells


@dataclass(frozen=True, slots=True)
class Glance:
    """Measured on what privacy masks leave of the picture.

    `light`, `spread`: median, and 1st to 99th percentile, of the grey values, 0–255. `burnt`: share of clipped white, 0–1.
    `structure`: the plainest edges of a picture 80 pixels wide, in grey values a pixel. `fine`: the plainest detail at 640
    pixels, as a multiple of `structure`: it falls when the focus is lost, and not when the light is. `grey`: without colour,
    as a sensor in infrared. `edges`: where edges lie, row by row, COLUMNS × ROWS, 0–255, each row against its own mean:
    a horizon looks the same however far a camera turns, what stands on it does not.
    """

    light: float
    spread: float
    burnt: float
    structure: float
    fine: float
    grey: bool
    edges: bytes


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """How alike two maps of edges lie, −1 to 1: Pearson's correlation, the best within a shake of the camera."""
    moves = range(-SHAKE, SHAKE + 1)
    return max(_correlation(_part(one, x, y), _part(other, -x, -y)) for x in moves for y in moves)


def _part(edges: Sequence[float], x: int, y: int) -> list[float]:
    """What is left of a map when `x` columns and `y` rows are cut off: at the start where positive, else at the end."""
    columns, rows = slice(max(x, 0), COLUMNS + min(x, 0)), range(max(y, 0), ROWS + min(y, 0))
    return list(chain.from_iterable(edges[row * COLUMNS : (row + 1) * COLUMNS][columns] for row in rows))


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    mean_one, mean_other = sum(one) / len(one), sum(other) / len(other)
    together = sum(map(_product, one, other)) - len(one) * mean_one * mean_other
    spread_one = sum(map(_product, one, one)) - len(one) * mean_one**2
    spread_other = sum(map(_product, other, other)) - len(other) * mean_other**2
    spread = math.sqrt(max(spread_one, 0.0) * max(spread_other, 0.0))
    return together / spread if spread > 0 else 0.0


def _product(one: float, other: float) -> float:
    return one * other
