"""What the tower's camera sees on a day without fire: wooded ridges in haze under a sky with clouds."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from balefire.vision.scenes.noise import Floats, look_up, seeded_tile, smooth
from balefire.vision.scenes.terrain import View, march
from balefire.vision.scenes.trees import PX_PER_M, crowns

HILL_TILE_M = 16.0  # metres a pixel of the hills' noise


@dataclass(frozen=True, slots=True)
class Backdrop:
    """`picture` (h, w, 3) RGB 0–1; `depth` (h, w) metres, inf for sky."""

    picture: Floats
    depth: Floats


@dataclass(frozen=True, slots=True)
class Weather:
    """`haze_m`: where haze takes over; `warmth` −1 (cold) to 1 (evening); `clouds` and `dry` (grass) 0–1."""

    haze_m: float = 9_000.0
    warmth: float = 0.0
    clouds: float = 0.5
    dry: float = 0.4


def backdrop(seed: int, size: tuple[int, int], weather: Weather, finer: int = 1) -> Backdrop:
    """Render at `finer` times `size` (width, height), then shrink, so that edges are soft."""
    width, height = size[0] * finer, size[1] * finer
    view = View(width, height, horizon_px=0.33 * height, focal_px=1.05 * width)
    hills = Hills(seed)
    depth = march(hills.with_trees, view, steps=900 if finer > 1 else 500)
    land = np.isfinite(depth)
    picture = _sky(seed, view, weather)
    ground = _ground(hills, depth, view, weather)
    picture[land] = ground[land]
    if finer > 1:
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        depth = depth[finer // 2 :: finer, finer // 2 :: finer].copy()
    return Backdrop(np.asarray(picture, np.float32), depth)


@dataclass(frozen=True, slots=True)
class Hills:
    """Heights in metres below or above the lens: a slope at the camera's feet, a valley, ridge behind ridge."""

    seed: int

    def bare(self, x: Floats, z: Floats) -> Floats:
        trend = np.interp(z, _AHEAD_M, _TREND_M)
        swell = np.interp(z, _AHEAD_M, _SWELL_M)
        tile = seeded_tile(self.seed, 101, 1024, 2.3, 3)
        # Ridges run across the view, so that one stands behind the other.
        wave = look_up(tile, x / (HILL_TILE_M * 1.3) + 512, z / HILL_TILE_M)
        knolls = look_up(seeded_tile(self.seed, 107, 512, 1.9, 4), x / 9, z / 9)
        crests = swell * (0.75 - np.sqrt(wave**2 + 0.03) * 1.1)
        return np.asarray(trend + crests + np.minimum(0.09 * swell, 22) * knolls, np.float32)

    def with_trees(self, x: Floats, z: Floats) -> Floats:
        height = look_up(crowns()[..., 0].copy(), x * PX_PER_M, z * PX_PER_M)
        # Beyond a few kilometres a crown is under a pixel: single ones would only flicker on the ridge lines.
        height = height * np.exp(-z / 4000)
        return np.asarray(self.bare(x, z) + height * self.wooded(x, z), np.float32)

    def wooded(self, x: Floats, z: Floats) -> Floats:
        """0 in a clearing, 1 in the wood."""
        patches = look_up(seeded_tile(self.seed, 102, 512, 1.4, 5), x / 7.0, z / 9.0)
        return smooth(-1.35, -0.85, patches)


_AHEAD_M = [90, 300, 900, 1800, 3500, 6000, 10_000, 18_000, 26_000]
_TREND_M = [-60, -118, -290, -360, -360, -350, -330, -190, -40]
_SWELL_M = [6, 20, 80, 150, 270, 410, 560, 760, 900]


def _ground(hills: Hills, depth: Floats, view: View, weather: Weather) -> Floats:
    """(h, w, 3) lit and hazed ground; what stands at sky pixels is never used."""
    z = np.where(np.isfinite(depth), depth, view.far_m).astype(np.float32)
    x = z * view.slopes()[None, :]
    colour = _albedo(hills, x, z, weather) * _sunlight(hills, x, z)[..., None]
    veil = np.exp(-z[..., None] / (weather.haze_m * np.array([1.15, 1.0, 0.8], np.float32)))
    return np.asarray(colour * veil + _haze_colour(weather) * (1 - veil), np.float32)


def _albedo(hills: Hills, x: Floats, z: Floats, weather: Weather) -> Floats:
    near = np.exp(-z / 2600)[..., None]
    crown = look_up(crowns(), x * PX_PER_M, z * PX_PER_M)
    crown = crown * near + np.array([7.0, 0.0, 0.0], np.float32) * (1 - near)
    mottle = look_up(seeded_tile(hills.seed, 103, 512, 0.7, 4), x / 9, z / 22)
    stand = look_up(seeded_tile(hills.seed, 104, 512, 1.5, 4), x / 21, z / 33)
    light = 0.40 + 0.052 * crown[..., 0] + 0.20 * crown[..., 1] + 0.15 * crown[..., 2] + 0.12 * mottle
    light = light * (1 + 0.30 * near[..., 0] * _needles(hills.seed, light.shape))
    leaves = np.stack([0.215 + 0.02 * stand, 0.27 + 0.006 * stand, 0.135 - 0.004 * stand], axis=-1)
    wood = leaves * np.clip(light, 0.15, 1.7)[..., None]
    straw = np.array([0.56, 0.51, 0.36], np.float32) * weather.dry + np.array([0.34, 0.41, 0.2]) * (1 - weather.dry)
    grass = straw * (0.85 + 0.1 * mottle + 0.05 * stand)[..., None]
    cover = hills.wooded(x, z)[..., None]
    return np.asarray(wood * cover + grass * (1 - cover), np.float32)


def _needles(seed: int, shape: tuple[int, ...]) -> Floats:
    """Fine unevenness of the nearest crowns, in the picture's own pixels, mean 0."""
    tile = seeded_tile(seed, 108, 512, 0.35, 40)
    return np.tile(tile, (-(-shape[0] // 512), -(-shape[1] // 512)))[: shape[0], : shape[1]]


def _sunlight(hills: Hills, x: Floats, z: Floats) -> Floats:
    """About 1: slopes that face the sun (left, above) are brighter; clouds throw wide shadows."""
    reach = np.maximum(z * 0.012, 8)
    level = hills.bare(x, z)
    rise_x = (hills.bare(x + reach, z) - level) / reach
    rise_z = (hills.bare(x, z + reach) - level) / reach
    facing = (1.0 + 1.5 * rise_x + 0.3 * rise_z) / np.sqrt(1 + rise_x**2 + rise_z**2)
    cloud = look_up(seeded_tile(hills.seed, 105, 512, 2.0, 3), x / 30, z / 45)
    return np.asarray(np.clip(facing, 0.3, 1.7) * (1 - 0.25 * smooth(0.2, 1.2, cloud)), np.float32)


def _haze_colour(weather: Weather) -> Floats:
    warm = np.array([0.10, 0.0, -0.12], np.float32) * weather.warmth
    return np.asarray(np.array([0.66, 0.735, 0.80], np.float32) + warm, np.float32)


def _sky(seed: int, view: View, weather: Weather) -> Floats:
    """(h, w, 3): pale at the horizon, blue above, a cloud deck seen in perspective."""
    rise = np.maximum(view.horizon_px - np.arange(view.height, dtype=np.float32) - 0.5, 0) / view.focal_px
    rise_2d = np.repeat(rise[:, None], view.width, axis=1) + 0.012
    pale = np.exp(-rise_2d / 0.11)[..., None]
    blue = np.array([0.34, 0.53, 0.80], np.float32)
    clear = blue * (1 - pale) + (_haze_colour(weather) + 0.10) * pale
    away = 160 / (rise_2d + 0.05)
    side = away * view.slopes()[None, :]
    deck = look_up(seeded_tile(seed, 106, 512, 1.45, 5), side * 0.13, away * 0.13)
    cover = smooth(1.0 - 1.6 * weather.clouds, 3.2 - 1.6 * weather.clouds, deck) * smooth(0.01, 0.12, rise_2d)
    white = np.array([0.93, 0.94, 0.95], np.float32) - 0.10 * smooth(0.5, 2.5, deck)[..., None]
    return np.asarray(clear * (1 - 0.8 * cover[..., None]) + white * 0.8 * cover[..., None], np.float32)
