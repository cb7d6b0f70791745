"""A smoke plume as drifting puffs: each is born at the fire, rises, bends with the wind, widens and thins.

A pure function of (seed, seconds since the start); nothing is stepped, so any moment can be asked for by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from balefire.vision.scenes.noise import Floats, blurred, fractal_tile, look_up, seeded_tile, smooth

SPRITES = 24
SPRITE_PX = 72


@dataclass(frozen=True, slots=True)
class Wind:
    """Speeds in shares of the picture's height a second; `right` may be negative. `gust` 0–1 sways the column."""

    right: float = 0.012
    up: float = 0.020
    gust: float = 0.5


@dataclass(frozen=True, slots=True)
class Plume:
    """`foot_px` (x, y) is where it leaves the ground; `scale` sizes the puffs (1: a brush fire some km away)."""

    seed: int
    size: tuple[int, int]
    foot_px: tuple[float, float]
    wind: Wind = Wind()
    scale: float = 1.0
    density: float = 1.0
    full_after_s: float = 18.0
    puff_life_s: float = 42.0
    puffs_a_second: float = 6.0

    def layer(self, since_s: float, coarser: int = 2) -> tuple[Floats, Floats]:
        """(alpha, light), both (h, w) 0–1: how much is hidden, and how lit the smoke is (1: full sun)."""
        width, height = self.size
        canvas = np.zeros((height // coarser, width // coarser, 2), np.float32)
        first = max(0, int(np.ceil((since_s - self.puff_life_s) * self.puffs_a_second)))
        for number in range(first, int(max(since_s, 0) * self.puffs_a_second) + 1):
            self._puff(canvas, number, since_s, coarser)
        canvas = self._torn(canvas, since_s, coarser)
        full = np.asarray(cv2.resize(canvas, self.size, interpolation=cv2.INTER_LINEAR), np.float32)
        alpha = full[..., 0]
        return alpha, np.clip(full[..., 1] / np.maximum(alpha, 1e-3), 0, 1)

    def _puff(self, canvas: Floats, number: int, since_s: float, coarser: int) -> None:
        """Lay one puff over `canvas` (alpha, light times alpha); younger ones stand in front."""
        born_s = number / self.puffs_a_second
        age = since_s - born_s
        if age < 0:
            return
        rng = np.random.default_rng((self.seed, number))
        jitter = rng.standard_normal(4)
        picture = self.size[1] / coarser
        grown = 1 - np.exp(-(born_s + 3) / self.full_after_s)
        # Hot smoke climbs first and slows; the wind takes hold with height.
        climb = self.wind.up * (0.7 + 0.6 * grown) * (7 * (1 - np.exp(-age / 7)) + 0.5 * age)
        sway = self.wind.gust * (np.sin(born_s * 0.37 + self.seed) + 0.7 * np.sin(born_s * 0.93 + 2 * self.seed))
        drift = self.wind.right * age * (0.4 + 0.6 * min(1.0, age / 15)) * (1 + 0.3 * sway + 0.15 * jitter[0])
        # Every fourth puff is veil: wide, thin, and left behind.
        veil = number % 4 == 3
        spread = 0.0080 + 0.0080 * age**0.75 * (0.75 + 0.5 * grown)
        radius = picture * self.scale * spread * (1.7 if veil else 1.0) * (1 + 0.22 * jitter[1])
        x = self.foot_px[0] / coarser + picture * drift + radius * 0.42 * jitter[2]
        y = self.foot_px[1] / coarser - picture * climb * (0.8 if veil else 1.0) - radius * 0.35 * jitter[3]
        fade = np.exp(-age / (self.puff_life_s * 0.5)) * min(1.0, age / 0.8) * (1 - age / self.puff_life_s)
        opacity = min(0.9, self.density * fade * (0.20 if veil else 0.5))
        _over(canvas, _sprites()[(number * 7 + self.seed) % SPRITES], (x, y), max(radius, 1.0), float(opacity))

    def _torn(self, canvas: Floats, since_s: float, coarser: int) -> Floats:
        """Shift the smoke by drifting noise, more with height, so that it curls and frays instead of staying round."""
        box = bounds(canvas[..., 0], 0.004, margin=14)
        if box is None:
            return canvas
        x1, y1, x2, y2 = box
        unit = 720 / canvas.shape[0]
        rows, columns = np.mgrid[y1:y2, x1:x2].astype(np.float32)
        flow_x = (columns - self.wind.right * since_s * canvas.shape[0]) * unit
        flow_y = (rows + self.wind.up * 0.7 * since_s * canvas.shape[0]) * unit
        height = np.clip((self.foot_px[1] / coarser - rows) / (0.16 * canvas.shape[0]), 0.25, 1)
        curl, fray = seeded_tile(self.seed, 201, 512, 2.3, 6), seeded_tile(self.seed, 202, 512, 1.9, 13)
        thin = look_up(fray, flow_x * 0.8 + 31, flow_y * 0.8 + 57)
        push_x = 6.5 * look_up(curl, flow_x, flow_y) + 1.2 * look_up(fray, flow_x, flow_y)
        push_y = 6.0 * look_up(curl, flow_x + 211, flow_y + 97) + 1.2 * thin
        reach = self.scale * height / unit
        from_x, from_y = columns - x1 + reach * push_x, rows - y1 + reach * push_y
        # What lies beyond the picture's edge is more smoke, not none.
        torn = cv2.remap(canvas[y1:y2, x1:x2], from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        alpha = np.clip(torn[..., 0], 1e-4, 0.985)
        # Thickness, not opacity, is what turbulence thins.
        thick = 1 - (1 - alpha) ** np.clip(1 + 0.28 * height * thin, 0.3, 2)
        out = np.zeros_like(canvas)
        out[y1:y2, x1:x2] = torn * (thick / alpha)[..., None]
        return out


def bounds(mask: Floats, above: float, margin: int = 0) -> tuple[int, int, int, int] | None:
    """x1, y1, x2, y2 in pixels around where `mask` exceeds `above`, widened by `margin`; None where nothing does."""
    hit = (mask > above).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(hit)
    if width == 0:
        return None
    rows, columns = mask.shape[:2]
    return max(0, x - margin), max(0, y - margin), min(columns, x + width + margin), min(rows, y + height + margin)


def _over(canvas: Floats, sprite: Floats, centre: tuple[float, float], radius: float, opacity: float) -> None:
    """Lay `sprite` (n, n, 2), shrunk to `radius` px, over `canvas` in place; places between pixels are kept."""
    x1, y1 = int(np.floor(centre[0] - radius)), int(np.floor(centre[1] - radius))
    side = int(np.ceil(2 * radius)) + 1
    left, top = max(0, x1), max(0, y1)
    right, bottom = min(canvas.shape[1], x1 + side), min(canvas.shape[0], y1 + side)
    if left >= right or top >= bottom or opacity < 0.004:
        return
    zoom = 2 * radius / SPRITE_PX
    place = np.array([[zoom, 0, centre[0] - radius - left], [0, zoom, centre[1] - radius - top]], np.float32)
    piece = opacity * cv2.warpAffine(_level(sprite, zoom), place, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    under = canvas[top:bottom, left:right]
    under *= 1 - piece[..., :1]
    under += piece


def _level(sprite: Floats, zoom: float) -> Floats:
    """Blur first what will be shrunk, so that small puffs do not shimmer."""
    return sprite if zoom > 0.6 else blurred(sprite, 0.35 / max(zoom, 0.1))


@lru_cache(maxsize=1)
def _sprites() -> tuple[Floats, ...]:
    """Ragged round puffs (72, 72, 2): alpha, and light times alpha; the sun stands to the upper left."""
    return tuple(_sprite(number) for number in range(SPRITES))


def _sprite(number: int) -> Floats:
    axis = np.linspace(-1, 1, SPRITE_PX, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    away = np.hypot(x, y)
    lumps = look_up(fractal_tile(900, 512, 2.1, 5), x * 40 + 61 * number, y * 40 + 137 * number)
    alpha = smooth(0.0, 0.95, 1 - away + 0.22 * lumps * (1 - away)) * smooth(0.0, 0.25, 1 - away)
    # A lit ball with soft bumps.
    light = np.clip(0.62 - 0.26 * x - 0.34 * y + 0.10 * lumps, 0, 1)
    return np.stack([alpha, alpha * light], axis=-1).astype(np.float32)
