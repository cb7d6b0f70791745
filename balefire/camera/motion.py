"""A motion gate: whether a picture differs from what its camera usually sees. Cheap, and open to a thin plume.

The picture is shrunk to grey blocks and held against a slow mean of its own past. A block counts as changed when it
differs by more than its own usual unrest (leaves, water, a flag), and by more than a few grey levels. A plume is faint
but stays and grows for minutes while the mean follows slowly, so it is seen where frame differences see nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from balefire.vision.image import Rgb

WIDTH = 320  # pixels of the grey picture that is looked at
BLOCK = 8  # of those: a plume of 1 % of the picture's width is half a block wide
SLOW_S = 90.0  # time constant of the mean
UNREST_S = 60.0  # time constant of the usual unrest
LEAST_LEVELS = 1.6  # grey levels of 255, mean over a block
TIMES_UNREST = 3.0
FIRST = 5  # pictures that pass while nothing is known yet


@dataclass(frozen=True, slots=True)
class GateSettings:
    """`linger_s`: after a change everything passes for so long, so that an event finds its sightings; `heartbeat_s`: one
    picture at least so often, so that the server sees that the camera lives."""

    linger_s: float = 20.0
    heartbeat_s: float = 30.0


class MotionGate:
    """One camera's gate. Not thread-safe."""

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._mean: NDArray[np.float32] | None = None
        self._unrest: NDArray[np.float32] | None = None
        self._seen = 0
        self._at_s = self._open_until_s = self._passed_at_s = float("-inf")

    def passes(self, rgb: Rgb, now_s: float) -> bool:
        """Whether the picture (H×W×3, uint8) is worth sending. now_s: any clock's seconds, never going back."""
        changed = self._changed(_blocks(rgb), now_s)
        if changed:
            self._open_until_s = now_s + self._settings.linger_s
        if changed or now_s < self._open_until_s or now_s - self._passed_at_s >= self._settings.heartbeat_s:
            self._passed_at_s = now_s
            return True
        return False

    def _changed(self, blocks: NDArray[np.float32], now_s: float) -> bool:
        self._seen += 1
        if self._mean is None or self._unrest is None or self._mean.shape != blocks.shape:
            self._mean, self._unrest, self._seen, self._at_s = blocks, np.zeros_like(blocks), 1, now_s
            return True
        since_s, self._at_s = max(now_s - self._at_s, 0.0), now_s
        difference = blocks - self._mean
        difference -= np.median(difference)  # a cloud before the sun, or the camera's own exposure
        change = np.abs(difference)
        changed = bool((change > np.maximum(LEAST_LEVELS, TIMES_UNREST * self._unrest)).any())
        follow = max(1 - np.exp(-since_s / SLOW_S), 1 / (self._seen + 1))
        self._mean = self._mean + np.float32(follow) * (blocks - self._mean)
        calm = max(1 - np.exp(-since_s / UNREST_S), 1 / (self._seen + 1))
        self._unrest = self._unrest + np.float32(calm) * (change - self._unrest)
        return changed or self._seen <= FIRST


def _blocks(rgb: Rgb) -> NDArray[np.float32]:
    """Mean grey level of each block, 0–255."""
    high, wide = rgb.shape[:2]
    small = cv2.resize(rgb, (WIDTH, max(BLOCK, round(high * WIDTH / wide / BLOCK) * BLOCK)), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    size = (grey.shape[1] // BLOCK, grey.shape[0] // BLOCK)
    return np.asarray(cv2.resize(grey.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
