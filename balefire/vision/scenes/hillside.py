"""`hillside`: a camera on a mast looks over wooded ridges; behind one of them smoke begins to rise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from balefire.domain.geometry import Box
from balefire.vision.scenes.finish import Picture, box_around, grain, mark
from balefire.vision.scenes.forest import Backdrop, Weather, backdrop
from balefire.vision.scenes.noise import Floats, blurred
from balefire.vision.scenes.plume import Plume, Wind, bounds

VISIBLE = 0.10  # smoke that hides less is no smoke to an annotator


@dataclass(frozen=True, slots=True)
class Hillside:
    """Smoke over a forest by day. `foot_m` is how far away it burns: nearer ridges hide it."""

    seed: int
    size: tuple[int, int]
    starts_s: float
    clear: Backdrop
    plume: Plume
    foot_m: float
    marked: bool = True
    lit: tuple[float, float, float] = (0.93, 0.92, 0.91)
    shaded: tuple[float, float, float] = (0.50, 0.52, 0.56)
    name: str = "hillside"

    def frame(self, t_s: float) -> Picture:
        """(h, w, 3) RGB, the same for the same moment."""
        picture = (np.clip(self.clear.picture, 0, 1) * 255).astype(np.uint8)
        if t_s > self.starts_s:
            self._add_smoke(picture, t_s)
        picture = grain(picture, self.seed, t_s, 1.6)
        return mark(picture) if self.marked else picture

    def truth(self, t_s: float) -> list[tuple[str, Box]]:
        """The visible smoke's box, or nothing before it shows."""
        if t_s <= self.starts_s:
            return []
        box = box_around(blurred(self._smoke(t_s)[0], 1.5), VISIBLE)
        return [("smoke", box)] if box else []

    def _add_smoke(self, picture: Picture, t_s: float) -> None:
        alpha, light = self._smoke(t_s)
        box = bounds(alpha, 0.002)
        if box is None:
            return
        part = np.s_[box[1] : box[3], box[0] : box[2]]
        dark, bright = np.array(self.shaded, np.float32) * 255, np.array(self.lit, np.float32) * 255
        smoke = dark + (bright - dark) * light[part][..., None]
        shown = picture[part] + alpha[part][..., None] * (smoke - picture[part])
        picture[part] = np.clip(shown, 0, 255).astype(np.uint8)

    def _smoke(self, t_s: float) -> tuple[Floats, Floats]:
        alpha, light = self.plume.layer(t_s - self.starts_s)
        # What stands nearer than the fire hides its smoke.
        alpha = np.where(self.clear.depth > self.foot_m, alpha, 0).astype(np.float32)
        return alpha, light


def hillside(seed: int, size: tuple[int, int], starts_s: float, marked: bool = True) -> Hillside:
    """The scene of `seed`: hills, weather, wind and the ridge behind which it burns all follow from it."""
    clear = _cached_backdrop(seed, size, 2)
    return burning(clear, seed, size, starts_s, marked)


@lru_cache(maxsize=4)
def _cached_backdrop(seed: int, size: tuple[int, int], finer: int) -> Backdrop:
    rng = np.random.default_rng((seed, 1))
    weather = Weather(rng.uniform(8000, 13000), rng.uniform(-0.3, 0.5), rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.8))
    return backdrop(seed, size, weather, finer)


def burning(clear: Backdrop, seed: int, size: tuple[int, int], starts_s: float, marked: bool) -> Hillside:
    """Set a fire behind a ridge of `clear`."""
    rng = np.random.default_rng((seed, 2))
    column, row, foot_m = ridge(clear.depth, rng)
    wind = Wind(right=float(rng.choice([-1, 1]) * rng.uniform(0.003, 0.009)), up=float(rng.uniform(0.016, 0.022)))
    scale = float(rng.uniform(0.9, 1.3))
    plume = Plume(seed, size, (column, row + 0.004 * size[1]), wind, scale)
    return Hillside(seed, size, starts_s, clear, plume, foot_m, marked)


def ridge(depth: Floats, rng: np.random.Generator) -> tuple[float, float, float]:
    """Column and row (px) of a ridge line with another hill behind it, and a distance (m) just behind that ridge."""
    height, width = depth.shape
    rows = np.arange(int(height * 0.36), int(height * 0.66))
    found: list[tuple[float, float, float]] = []
    for column in rng.integers(int(width * 0.22), int(width * 0.78), 80).tolist():
        behind, before = depth[rows[:-4], column], depth[rows[4:], column]
        steps = np.flatnonzero((behind > before * 1.25) & (before > 1200) & (before < 6000) & np.isfinite(behind))
        if len(steps):
            step = int(steps[-1])
            found.append((float(column), float(rows[step] + 4), float(before[step] * 1.05)))
    if not found:
        row = int(height * 0.5)
        return width / 2, float(row), float(np.nan_to_num(depth[row, width // 2], posinf=5000) * 0.98)
    # Among the lower ridges: dark woods behind the smoke, not sky.
    found.sort(key=lambda place: -place[1])
    return found[int(rng.integers(0, max(1, len(found) // 4)))]
