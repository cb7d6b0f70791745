"""Flames as tongues of heat, torn by noise that streams upward. A pure function of (seed, seconds since the start)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from balefire.vision.scenes.noise import Floats, look_up, seeded_tile, smooth

TONGUES = 6


@dataclass(frozen=True, slots=True)
class Flame:
    """`foot_px` (x, y): the middle of its base; `width_px` and `height_px` when it is fully grown."""

    seed: int
    foot_px: tuple[float, float]
    width_px: float
    height_px: float
    grows_s: float = 12.0
    lean: float = 0.15

    def size(self, since_s: float) -> tuple[float, float]:
        """Width and height now, in pixels: the base spreads faster than the flames climb."""
        grown = 1 - np.exp(-max(since_s, 0) / self.grows_s)
        return float(self.width_px * (0.22 + 0.78 * grown)), float(self.height_px * (0.10 + 0.90 * grown))

    def strength(self, since_s: float) -> float:
        """The light it gives, 0 to about 1.2, flickering."""
        width, height = self.size(since_s)
        share = width * height / (self.width_px * self.height_px)
        flicker = 1 + 0.10 * np.sin(since_s * 13.7) + 0.08 * np.sin(since_s * 23.1 + 1) + 0.08 * np.sin(since_s * 5.3)
        return float(share * flicker)

    def heat(self, since_s: float, picture: tuple[int, int]) -> tuple[tuple[int, int, int, int], Floats]:
        """Pixels x1, y1, x2, y2, and the heat there: below 0 nothing, 0–0.3 orange edge, 1 white."""
        width, height = self.size(since_s)
        x1, x2 = (int(self.foot_px[0] + share * width) for share in (-1.1, 1.1))
        y1, y2 = int(self.foot_px[1] - 1.25 * height), int(self.foot_px[1] + 0.08 * height) + 2
        x1, y1, x2, y2 = max(0, x1), max(0, y1), min(picture[0], x2), min(picture[1], y2)
        rows, columns = np.mgrid[y1:y2, x1:x2].astype(np.float32)
        u = (columns - self.foot_px[0]) / (width / 2)
        v = (self.foot_px[1] - rows) / height
        return (x1, y1, x2, y2), self._field(u, v, since_s)

    def _field(self, u: Floats, v: Floats, since_s: float) -> Floats:
        """u: −1 to 1 across the base; v: 0 at the base, 1 at the tip."""
        slow, fine = seeded_tile(self.seed, 401, 512, 1.9, 4), seeded_tile(self.seed, 402, 512, 1.4, 7)
        rising = since_s * 190
        swing = look_up(slow, u * 46, v * 90 + rising)
        fret = look_up(fine, u * 60 + 77, v * 85 + rising * 1.35)
        climb = np.clip(v, 0, 1.3)
        bent = u + climb * (0.26 * swing - self.lean) + 0.10 * fret * (0.25 + climb)
        heat = np.full_like(u, -1)
        for number in range(TONGUES):
            heat = np.maximum(heat, self._tongue(number, bent, v, since_s))
        heat = heat + 0.18 * fret * (0.35 + 0.7 * climb) + 0.10 * swing * climb
        # It hangs a little over the rim, most in the middle.
        above = v + 0.07 * (1 - u**2) + 0.03 * swing
        return np.asarray(heat * smooth(-0.06, 0.06, above) - 2 * smooth(0.0, -0.08, above), np.float32)

    def _tongue(self, number: int, bent: Floats, v: Floats, since_s: float) -> Floats:
        phase = self.seed * 1.3 + number * 2.4
        centre = -0.72 + 1.44 * number / (TONGUES - 1) + 0.10 * np.sin(since_s * 1.9 + phase)
        beat = 0.5 + 0.25 * np.sin(since_s * (4.1 + 0.7 * number) + phase) + 0.25 * np.sin(since_s * 7.3 + 2 * phase)
        tall = (0.50 + 0.50 * beat) * (1 - 0.45 * abs(centre))
        left = np.clip(1 - v / tall, 0, 1)
        girth = 0.42 * (0.25 + 0.75 * left**0.6)
        return np.asarray(1.15 * left**0.55 - 0.55 * ((bent - centre) / girth) ** 2 - 0.12, np.float32)


def light_of(heat: Floats) -> tuple[Floats, Floats]:
    """(emission (h, w, 3) linear, alpha (h, w)): orange where thin, yellow then white where hot."""
    red = 1.5 * smooth(0.0, 0.35, heat) + 2.6 * smooth(0.35, 1.0, heat)
    green = 0.34 * smooth(0.05, 0.42, heat) + 2.2 * smooth(0.40, 1.15, heat)
    blue = 0.03 * smooth(0.15, 0.5, heat) + 0.95 * smooth(0.60, 1.15, heat)
    return np.stack([red, green, blue], axis=-1), smooth(0.02, 0.22, heat)
