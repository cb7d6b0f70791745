"""A square of forest seen from above: crowns as cones, and how the sun lights them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from balefire.vision.scenes.noise import Floats

SIDE_PX = 768
PX_PER_M = 1.5
CELL_PX = 8  # one tree a cell: 5.3 m apart


@lru_cache(maxsize=1)
def crowns() -> Floats:
    """(768, 768, 3), wraps: height in metres, light −1 to 1 (sun from the left), and a tint −1 to 1 for each tree."""
    rng = np.random.default_rng(7)
    cells = SIDE_PX // CELL_PX
    offset = rng.uniform(0.1, 0.9, (2, cells, cells))
    tall = rng.gamma(6.0, 1.9, (cells, cells)).clip(3, 24)
    tint = rng.uniform(-1, 1, (cells, cells))
    rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX]
    best = np.zeros((SIDE_PX, SIDE_PX, 3), np.float32)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            cell = (rows // CELL_PX + down) % cells, (columns // CELL_PX + right) % cells
            x = columns % CELL_PX - (right + offset[0][cell]) * CELL_PX
            y = rows % CELL_PX - (down + offset[1][cell]) * CELL_PX
            reach = CELL_PX * (0.35 + tall[cell] / 26)
            away = np.hypot(x, y)
            height = tall[cell] * np.clip(1 - away / reach, 0, 1) ** 0.8
            taller = height > best[..., 0]
            lit = np.clip(-x / (away + 1.5), -1, 1)
            for channel, value in enumerate((height, lit, tint[cell])):
                best[..., channel][taller] = value[taller]
    best.flags.writeable = False
    return best
