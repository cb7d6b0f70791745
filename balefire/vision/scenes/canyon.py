"""A street between two rows of houses: which surface each pixel shows, and where. Metres, y up from the road."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from balefire.vision.scenes.noise import Floats

SKY, GROUND, LEFT, RIGHT, END = range(5)

LEFT_M, RIGHT_M, END_M = -9.5, 10.0, 95.0  # where the walls stand
ROAD_LEFT_M, ROAD_RIGHT_M = -6.2, 6.6  # kerbs


@dataclass(frozen=True, slots=True)
class Lens:
    """A level camera `eye_m` above the road; its picture is shifted, not tilted, so that uprights stay upright."""

    width: int
    height: int
    eye_m: float
    vanish_px: float
    horizon_px: float
    focal_px: float

    def rays(self) -> tuple[Floats, Floats]:
        """Right and up for one metre ahead, each (h, w)."""
        across = (np.arange(self.width, dtype=np.float32) + 0.5 - self.vanish_px) / self.focal_px
        up = (self.horizon_px - np.arange(self.height, dtype=np.float32) - 0.5) / self.focal_px
        right, rise = np.meshgrid(across, up)
        return right, rise

    def project(self, points_m: Floats) -> Floats:
        """(n, 3) x, y, z in metres to (n, 2) pixels."""
        scale = self.focal_px / points_m[:, 2]
        columns = self.vanish_px + points_m[:, 0] * scale
        rows = self.horizon_px - (points_m[:, 1] - self.eye_m) * scale
        return np.stack([columns, rows], axis=1)

    def px_per_m(self, ahead_m: float) -> float:
        return self.focal_px / ahead_m


@dataclass(frozen=True, slots=True)
class Hits:
    """What the rays meet: `surface` (h, w) one of SKY … END; x, y, z (h, w) metres."""

    surface: NDArray[np.uint8]
    x: Floats
    y: Floats
    z: Floats


def walls_along(right: Floats, start: Floats, eye_m: Floats | float, rise: Floats) -> Hits:
    """Follow rays that leave x = right·start, y = eye_m at z = start, and meet a wall or the end of the street."""
    side = np.where(right < 0, LEFT_M, RIGHT_M) / np.where(np.abs(right) < 1e-4, 1e-4, right)
    side = np.where(side > 0, side, np.inf)
    z = np.minimum(side, END_M).astype(np.float32)
    surface = np.where(side < END_M, np.where(right < 0, LEFT, RIGHT), END).astype(np.uint8)
    return Hits(surface, right * z, eye_m + rise * (z - start), z)


def look(lens: Lens) -> Hits:
    """The first surface of each pixel. Above the roofs the caller finds sky."""
    right, rise = lens.rays()
    walls = walls_along(right, np.zeros_like(right), lens.eye_m, rise)
    floor = np.where(rise < -1e-4, lens.eye_m / np.maximum(-rise, 1e-4), np.inf)
    lower = floor < walls.z
    z = np.where(lower, floor, walls.z).astype(np.float32)
    surface = np.where(lower, GROUND, walls.surface).astype(np.uint8)
    return Hits(surface, right * z, np.where(lower, 0, walls.y), z)


def mirrored(lens: Lens, hits: Hits) -> Hits:
    """Where each ground pixel's ray goes on to when the road is a mirror; meaningless elsewhere."""
    right, rise = lens.rays()
    return walls_along(right, hits.z, 0.0, np.abs(rise))
