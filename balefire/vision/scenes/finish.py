"""From rendered light to a camera's picture: lens softness, sensor noise, and the words that say it is rendered."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from balefire.domain.geometry import Box
from balefire.vision.scenes.noise import Floats, fractal_tile
from balefire.vision.scenes.plume import bounds

Picture = NDArray[np.uint8]

MARK = "rendered scene"


def grain(picture: Picture, seed: int, t_s: float, deviation: float) -> Picture:
    """Add sensor noise of `deviation` grey levels; another pattern each millisecond, the same for the same moment."""
    height, width = picture.shape[:2]
    rng = np.random.default_rng((seed, round(t_s * 1000) & 0xFFFFFFFF, 17))
    bank = _bank(seed)
    top, left = (int(value) for value in rng.integers(0, 512, 2))
    rows = np.arange(top, top + height) & 511
    columns = np.arange(left, left + width) & 511
    noise = cv2.multiply(bank[rows][:, columns], np.full(4, deviation))
    return np.asarray(np.clip(picture + noise[..., None], 0, 255), np.uint8)


def _bank(seed: int) -> Floats:
    return fractal_tile(seed % 4 + 700, 512, 0.25, 30)


def mark(picture: Picture) -> Picture:
    """Write MARK in the lower left corner, in place."""
    scale = picture.shape[0] / 720
    place = round(14 * scale), round(picture.shape[0] - 14 * scale)
    for shift, colour in ((1, (20, 20, 20)), (0, (235, 235, 235))):
        at = place[0] + shift, place[1] + shift
        cv2.putText(picture, MARK, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6 * scale, colour, 1, cv2.LINE_AA)
    return picture


def box_around(visible: Floats, above: float, least_px: int = 4) -> Box | None:
    """The box of what exceeds `above` in `visible` (h, w); None where nothing of `least_px` a side does.

    Loose pieces under a tenth of the largest are left out, as a person would.
    """
    _, pieces, facts, _ = cv2.connectedComponentsWithStats((visible > above).astype(np.uint8))
    area = facts[:, cv2.CC_STAT_AREA].copy()
    area[0] = 0  # what does not exceed
    corners = bounds(np.asarray(area[pieces] * 10 > area.max(), np.float32), 0.5)
    if corners is None:
        return None
    x1, y1, x2, y2 = corners
    if min(x2 - x1, y2 - y1) < least_px:
        return None
    height, width = visible.shape[:2]
    return Box(x1 / width, y1 / height, x2 / width, y2 / height)
