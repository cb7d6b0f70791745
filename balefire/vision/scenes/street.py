"""`street`: a wet street by night; a waste container or a parked car catches fire, and the fire lights the street."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from balefire.domain.geometry import Box
from balefire.vision.scenes.finish import Picture, box_around, grain, mark
from balefire.vision.scenes.flame import Flame, light_of
from balefire.vision.scenes.nightfall import Street, street
from balefire.vision.scenes.noise import Floats, blurred
from balefire.vision.scenes.plume import Plume, Wind, bounds

SMOKE_FOLLOWS_S = 2.0
VISIBLE = 0.055  # brightness (0–1) by which smoke must differ from the street behind it to be seen


@dataclass(frozen=True, slots=True)
class NightStreet:
    """A fire that grows beside the road."""

    seed: int
    size: tuple[int, int]
    starts_s: float
    calm: Street
    flame: Flame
    plume: Plume
    marked: bool = True
    name: str = "street"

    def frame(self, t_s: float) -> Picture:
        """(h, w, 3) RGB, the same for the same moment."""
        picture = grain(_exposed(self._light(t_s)), self.seed, t_s, 2.6)
        return mark(picture) if self.marked else picture

    def truth(self, t_s: float) -> list[tuple[str, Box]]:
        """The visible flames' box, and the smoke's once it can be seen against the night."""
        if t_s <= self.starts_s:
            return []
        found = [("flame", self._flame_box(t_s)), ("smoke", self._smoke_box(t_s))]
        return [(hazard, box) for hazard, box in found if box]

    def _light(self, t_s: float) -> Floats:
        since = t_s - self.starts_s
        if since <= 0:
            return self.calm.calm
        strength = self.flame.strength(since)
        scene = cv2.addWeighted(self.calm.calm, 1.0, self.calm.lit, strength, 0)
        alpha, smoke, (top, left) = self._smoke(since)
        part = scene[top : top + alpha.shape[0], left : left + alpha.shape[1]]
        part += alpha[..., None] * (smoke - part)
        return self._with_flames(np.asarray(scene, np.float32), since)

    def _smoke(self, since: float) -> tuple[Floats, Floats, tuple[int, int]]:
        """Alpha (h, w), linear light (h, w, 3) and where they belong (top, left): lamps around, the fire below."""
        alpha, light = self.plume.layer(since - SMOKE_FOLLOWS_S)
        left, top, right, bottom = bounds(alpha, 0.002) or (0, 0, 1, 1)
        alpha, light = alpha[top:bottom, left:right], light[top:bottom, left:right]
        width, height = self.flame.size(since)
        rows, columns = np.ogrid[top:bottom, left:right]
        far = ((columns - self.flame.foot_px[0]) / (1.2 * width)) ** 2
        far = far + ((rows - self.flame.foot_px[1] + 0.8 * height) / (1.0 * height)) ** 2
        glow = self.flame.strength(since) * 0.55 / (1 + far)
        street_light = np.array([0.150, 0.135, 0.120], np.float32)
        fire_light = np.array([1.0, 0.40, 0.11], np.float32)
        shaded = (0.45 + 0.75 * light)[..., None]
        return alpha, np.asarray((street_light + fire_light * glow[..., None]) * shaded, np.float32), (top, left)

    def _with_flames(self, scene: Floats, since: float) -> Floats:
        """Flames over the scene, their mirror in the wet road, and the light that spreads in the lens."""
        (x1, y1, x2, y2), heat = self.flame.heat(since, self.size)
        emission, alpha = light_of(heat)
        part = scene[y1:y2, x1:x2]
        part *= 1 - 0.85 * alpha[..., None]
        part += emission
        self._mirror(scene, emission, (x1, y2, x2))
        bright = np.zeros((self.size[1] // 8 + 1, self.size[0] // 8 + 1, 3), np.float32)
        small = cv2.resize(emission, (max(1, (x2 - x1) // 8), max(1, (y2 - y1) // 8)), interpolation=cv2.INTER_AREA)
        bright[y1 // 8 : y1 // 8 + small.shape[0], x1 // 8 : x1 // 8 + small.shape[1]] = small
        unit = self.size[1] / 720
        bloom = 0.16 * blurred(bright, 1.6 * unit) + 0.22 * blurred(bright, 9 * unit)
        scene += cv2.resize(bloom, self.size, interpolation=cv2.INTER_LINEAR)
        return scene

    def _mirror(self, scene: Floats, emission: Floats, place: tuple[int, int, int]) -> None:
        x1, top, x2 = place
        ground_px = self._ground_row() - top
        flipped = blurred(emission[::-1], 2.0 + 0.05 * emission.shape[0])
        # The foot of the fire stands behind the rim of what burns: its mirror begins softly.
        flipped = flipped * np.linspace(0, 2.5, len(flipped), dtype=np.float32).clip(0, 1)[:, None, None]
        first = max(0, top + 2 * ground_px)
        rows = min(flipped.shape[0], self.size[1] - first)
        if rows > 0:
            wet = self.calm.wet[first : first + rows, x1:x2, None]
            scene[first : first + rows, x1:x2] += 0.09 * wet * flipped[:rows]

    def _ground_row(self) -> int:
        x, _, z = self.calm.burning.centre_m
        return round(float(self.calm.lens.project(np.array([(x, 0.0, z - 0.6)]))[0, 1]))

    def _flame_box(self, t_s: float) -> Box | None:
        (x1, y1, x2, y2), heat = self.flame.heat(t_s - self.starts_s, self.size)
        whole = np.zeros((self.size[1], self.size[0]), np.float32)
        # Sparks and licks that came loose are not what a person would draw a box around.
        whole[y1:y2, x1:x2] = blurred(light_of(heat)[1], 1 + 0.025 * (y2 - y1))
        return box_around(whole, 0.42)

    def _smoke_box(self, t_s: float) -> Box | None:
        alpha, smoke, (top, left) = self._smoke(t_s - self.starts_s)
        part = np.s_[top : top + alpha.shape[0], left : left + alpha.shape[1]]
        behind = np.sqrt(np.clip(self.calm.calm[part], 0, 1))
        whole = np.zeros((self.size[1], self.size[0]), np.float32)
        whole[part] = alpha * np.abs(np.sqrt(np.clip(smoke, 0, 1)) - behind).max(axis=2)
        return box_around(blurred(whole, 2.5), VISIBLE, least_px=12)


def night_street(seed: int, size: tuple[int, int], starts_s: float, marked: bool = True) -> NightStreet:
    """The scene of `seed`: houses, lamps, cars, and what burns all follow from it."""
    return alight(_cached_street(seed, size, 2), seed, size, starts_s, marked)


@lru_cache(maxsize=4)
def _cached_street(seed: int, size: tuple[int, int], finer: int) -> Street:
    return street(seed, size, finer)


def alight(calm: Street, seed: int, size: tuple[int, int], starts_s: float, marked: bool) -> NightStreet:
    """Set `calm.burning` on fire."""
    rng = np.random.default_rng((seed, 3))
    burning = calm.burning
    x, up, z = burning.centre_m
    foot = calm.lens.project(np.array([(x, up - 0.25, z - 0.2)]))[0]
    metre = calm.lens.px_per_m(z)
    wide = 1.5 if burning.kind == "container" else 2.1
    flame = Flame(seed, (float(foot[0]), float(foot[1])), wide * metre, float(rng.uniform(3.0, 3.9)) * metre)
    wind = Wind(right=float(rng.uniform(-0.02, 0.02)), up=float(rng.uniform(0.045, 0.06)))
    top = (float(foot[0]), float(foot[1] - 0.3 * metre))
    plume = Plume(
        seed,
        size,
        top,
        wind,
        scale=metre / size[1] * 26,
        density=0.9,
        full_after_s=14,
        puff_life_s=16,
        puffs_a_second=10,
    )
    return NightStreet(seed, size, starts_s, calm, flame, plume, marked)


def _exposed(light: Floats) -> Picture:
    """Linear light to 8 bits: a soft shoulder, then gamma 2."""
    film = 1 - cv2.exp(-1.35 * light)
    return np.asarray(cv2.sqrt(np.maximum(film, 0)) * 255, np.uint8)
