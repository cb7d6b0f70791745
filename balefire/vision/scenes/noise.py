"""Seeded fractal noise that wraps at its edges, and how to look it up anywhere."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]


FAMILIES = 4


@lru_cache(maxsize=128)
def fractal_tile(seed: int, size: int = 512, slope: float = 1.7, longest: int = 4) -> Floats:
    """(size, size) float32, mean 0 and deviation 1, wraps both ways.

    Amplitude falls with frequency ** -slope; `longest` is how many waves the longest period has across the tile.
    """
    rng = np.random.default_rng((seed, size))
    across = np.fft.rfftfreq(size, 1 / size)[None, :]
    down = np.fft.fftfreq(size, 1 / size)[:, None]
    frequency = np.hypot(across, down)
    gain = np.where(frequency >= longest, np.maximum(frequency, 1) ** -slope, 0)
    tile = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) * gain, s=(size, size))
    tile = (tile / tile.std()).astype(np.float32)
    tile.flags.writeable = False  # the cache hands the same array to everyone
    return np.asarray(tile)


def seeded_tile(seed: int, salt: int, size: int = 512, slope: float = 1.7, longest: int = 4) -> Floats:
    """As `fractal_tile`, another for each seed: one of a few tiles, rolled, since making one takes 20 ms."""
    tile = fractal_tile(salt + seed % FAMILIES, size, slope, longest)
    turn = seed // FAMILIES
    return tile if turn == 0 else np.roll(tile, (turn * 89, turn * 151), (0, 1))


def look_up(tile: Floats, x: Floats, y: Floats) -> Floats:
    """`tile` (n, n[, channels]) at places `x`, `y` in tile pixels, bilinear, wrapping. The places' shape comes back."""
    size = tile.shape[0]
    # Cheaper than np.remainder, which takes most of a frame's time.
    places = [np.asarray(value - size * np.floor(value * (1 / size)), np.float32) for value in (x, y)]
    found = cv2.remap(tile, places[0], places[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(found, np.float32)


def blurred(values: Floats, deviation_px: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), deviation_px), np.float32)


def smooth(low: float, high: float, value: Floats) -> Floats:
    """0 below `low`, 1 above `high`, an S between."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
