"""Hills as a height field, seen in perspective: which point of the ground each pixel shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from balefire.vision.scenes.noise import Floats

Heights = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True)
class View:
    """A level camera at the origin: x to the right, z ahead, heights in metres relative to the lens."""

    width: int
    height: int
    horizon_px: float
    focal_px: float
    near_m: float = 90.0
    far_m: float = 26_000.0

    def slopes(self) -> Floats:
        """(width,) sideways metres per metre ahead, for each column."""
        return ((np.arange(self.width) + 0.5 - self.width / 2) / self.focal_px).astype(np.float32)


def march(heights: Heights, view: View, steps: int) -> Floats:
    """(height, width) metres ahead of the first ground each pixel's ray meets; inf where it meets none (sky)."""
    ahead = np.geomspace(view.near_m, view.far_m, steps, dtype=np.float32)
    sideways = ahead[:, None] * view.slopes()[None, :]
    ground = heights(sideways, np.broadcast_to(ahead[:, None], sideways.shape).astype(np.float32))
    rows = view.horizon_px - view.focal_px * ground / ahead[:, None]
    return _first_ground(rows, ahead, view)


def _first_ground(rows: Floats, ahead: Floats, view: View) -> Floats:
    """rows: (steps, width), the picture row where each step's ground stands, near to far."""
    # A step is visible where it stands higher in the picture than everything before it.
    skyline = -np.minimum.accumulate(rows, axis=0)
    wanted = np.arange(view.height, dtype=np.float32) + 0.5
    depth = np.full((view.height, view.width), np.inf, np.float32)
    for column in range(view.width):
        step = np.searchsorted(skyline[:, column], -wanted)
        hit = step < len(ahead)
        far = step[hit]
        near = np.maximum(far - 1, 0)
        drop = rows[near, column] - rows[far, column]
        share = np.clip((rows[near, column] - wanted[hit]) / np.where(drop > 1e-6, drop, 1), 0, 1)
        depth[hit, column] = ahead[near] + share * (ahead[far] - ahead[near])
    return depth
