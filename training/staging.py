"""Faults of a camera, staged on real frames: what a hand, a bag, the night or a storm would do to the picture.

A camera is a window of the footage, so that it can be turned: what it then shows is as real as before.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from balefire.vision.image import Rgb

WINDOW = 0.7  # of the footage's width and height
NOISE = np.random.default_rng(0)  # a sensor's: no two frames have the same


def window(frame: Rgb, right: float = 0.0, down: float = 0.0) -> Rgb:
    """The camera's view, moved by shares of its own width and height, as far as the footage goes."""
    height, width = frame.shape[:2]
    high, wide = int(height * WINDOW), int(width * WINDOW)
    x, y = min(int(wide * right), width - wide), min(int(high * down), height - high)
    return np.ascontiguousarray(frame[y : y + high, x : x + wide])


def dimmed(frame: Rgb, light: float) -> Rgb:
    """light: share of the usual, 0–1; a sensor's own noise stays."""
    noise = NOISE.normal(0, 1.5, window(frame).shape)
    return _rgb(window(frame) * light + np.abs(noise))


def _black(frame: Rgb) -> Rgb:
    return dimmed(frame, 0.02)


def _blown_out(frame: Rgb) -> Rgb:
    return _rgb(window(frame).astype(np.float32) * 3 + 120)


def _out_of_focus(frame: Rgb) -> Rgb:
    return _blurred(window(frame), 0.01)


def _wet(frame: Rgb) -> Rgb:
    """A film of water or dust: less is lost."""
    return _blurred(window(frame), 0.004)


def _hand(frame: Rgb) -> Rgb:
    """Something close before the lens: a surface without edges, unevenly lit."""
    view = window(frame)
    uneven = _blurred(_rgb(NOISE.uniform(60, 110, view.shape)), 0.2)
    return _rgb(uneven + NOISE.normal(0, 3, view.shape))


def _bag(frame: Rgb) -> Rgb:
    """A plastic bag: light comes through, edges do not."""
    view = window(frame)
    return _rgb(_blurred(view, 0.08) * 0.5 + 110 + NOISE.normal(0, 2, view.shape))


def _blurred(view: Rgb, share: float) -> Rgb:
    """share: of the width, the blur's standard deviation."""
    return _rgb(cv2.GaussianBlur(view, (0, 0), view.shape[1] * share))


def _rgb(values: np.ndarray) -> Rgb:
    pixels: Rgb = np.clip(values, 0, 255).astype(np.uint8)
    return pixels


STAGED: dict[str, tuple[str, Callable[[Rgb], Rgb]]] = {  # what is done → the fault that is to be named, and how
    "dark by day": ("dark", _black),
    "blown out": ("overexposed", _blown_out),
    "covered by a hand": ("covered", _hand),
    "covered by a bag": ("covered", _bag),
    "out of focus": ("blurred", _out_of_focus),
    "wet or dusty": ("blurred", _wet),
    "turned by a fifth of its view": ("turned", lambda frame: window(frame, right=0.2)),
    "turned by two fifths": ("turned", lambda frame: window(frame, right=0.4)),
    "tilted by a fifth": ("turned", lambda frame: window(frame, down=0.2)),
}
