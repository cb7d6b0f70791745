"""Looks at a picture as such: could this camera see anything at all?"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from balefire.domain.geometry import Polygon
from balefire.domain.glance import COLUMNS, ROWS, Glance
from balefire.vision.image import Rgb

WIDTH, HEIGHT = 640, 360  # every picture is brought to this, so that figures of one camera compare
COARSE = 8  # structure is what is left at an eighth of it
PLAIN = 95  # percentile of edges that counts: most of a picture is sky
BURNT = 250
COLOURLESS = 3.0  # mean difference between a pixel's channels
STEEP = 40.0  # grey values that one step of noise in a row's edges takes on the map
CALM = 0.5  # rows with less between their edges than this are no more than noise


def glance(rgb: Rgb, masks: Sequence[Polygon] = ()) -> Glance:
    """rgb: (h, w, 3) uint8, masks already black in it; their edges are not the view's."""
    shrinks = rgb.shape[1] > WIDTH
    small = cv2.resize(rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    seen = _seen(masks)
    shares = _shares(grey, seen)
    if shares is None:
        return Glance(0.0, 0.0, 0.0, 0.0, 0.0, True, bytes(COLUMNS * ROWS))
    low, light, high = np.searchsorted(shares, (0.01, 0.5, 0.99))
    edges = _edges(np.asarray(cv2.resize(grey, (WIDTH // COARSE, HEIGHT // COARSE), interpolation=cv2.INTER_AREA), np.uint8))
    edges = np.where(seen[COARSE // 2 :: COARSE, COARSE // 2 :: COARSE] > 0, edges, np.float32(0))
    structure = float(np.percentile(edges, PLAIN))
    detail = _shares(cv2.convertScaleAbs(cv2.Laplacian(grey, cv2.CV_16S)), seen)
    assert detail is not None
    thumb = cv2.resize(small, (COLUMNS * 2, ROWS * 2), interpolation=cv2.INTER_AREA).astype(np.int16)
    return Glance(
        light=float(light), spread=float(high - low), burnt=float(1 - shares[BURNT - 1]), structure=structure,
        fine=float(np.searchsorted(detail, PLAIN / 100)) / max(structure, 1.0),
        grey=float(np.ptp(thumb, axis=2).mean()) < COLOURLESS, edges=_map(edges),
    )  # fmt: skip


def _shares(grey: NDArray[np.generic], seen: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Share of the seen pixels that are at most 0, 1, … 255; None where nothing is seen."""
    counts = cv2.calcHist([np.asarray(grey, np.uint8)], [0], seen, [256], [0, 256]).ravel().cumsum()
    return counts / counts[-1] if counts[-1] else None


def _edges(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Slope of the grey values, a pixel."""
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _map(edges: NDArray[np.float32]) -> bytes:
    cells = cv2.resize(np.sqrt(edges), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    above = cells - cells.mean(axis=1, keepdims=True)
    above /= np.sqrt((above * above).mean(axis=1, keepdims=True)) + CALM
    grey: NDArray[np.uint8] = np.clip(128 + STEEP * above, 0, 255).astype(np.uint8)
    return grey.tobytes()


def _seen(masks: Sequence[Polygon]) -> NDArray[np.uint8]:
    """255 where no mask lies, nor the rim of one."""
    seen = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for polygon in masks:
        corners = [np.rint(np.array(polygon, np.float64) * (WIDTH, HEIGHT)).astype(np.int32)]
        cv2.fillPoly(seen, corners, (0,))
        cv2.polylines(seen, corners, isClosed=True, color=(0,), thickness=2 * COARSE)
    return seen
