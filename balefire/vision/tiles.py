"""Frames much larger than the model: the whole, and overlapping parts at a scale at which small things still have pixels.

    tiles_of(3840, 2160, 640x640)   # 4 x 2 tiles of 1280 x 1280 px, each shrunk by 2; the whole is shrunk by 6

What several views see is merged once: boxes that overlap, and pieces of a thing that a tile's edge cut off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from balefire.domain.bundle import InputSpec
from balefire.vision.heads import MOST_BOXES, NMS_IOU

MUCH_LARGER = 3.0  # times the model's input: above it a frame is cut up; 1920 x 1080 at 640 just is not
SHRINK = 2.0  # of a tile: half the size, which a JPEG decoder gives for little
OVERLAP = 0.2  # of a tile's side, shared with its neighbour: a thing smaller than it lies whole in one
MOST_TILES = 12  # beyond it tiles grow: a frame costs at most 13 looks
WITHIN = 0.8  # of a cut-off box inside a larger one of the same class: a piece of the same thing
EDGE = 0.01  # of a tile's side: nearer than that, a box touches its edge


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a frame, in pixels of the frame."""

    x: int
    y: int
    width: int
    height: int


def tiles_of(width: int, height: int, spec: InputSpec) -> list[Tile]:
    """The tiles of a frame of `width` x `height` px, row by row, of one size; none where the whole is enough."""
    if max(width / spec.width, height / spec.height) <= MUCH_LARGER:
        return []
    shrink = SHRINK
    while _count(width, spec.width * shrink) * _count(height, spec.height * shrink) > MOST_TILES:
        shrink *= 1.1
    rows, columns = _starts(height, spec.height * shrink), _starts(width, spec.width * shrink)
    tile_width, tile_height = min(width, round(spec.width * shrink)), min(height, round(spec.height * shrink))
    return [Tile(x, y, tile_width, tile_height) for y, x in product(rows, columns)]


def needed(width: int, height: int, spec: InputSpec) -> tuple[int, int]:
    """The (width, height) in pixels below which decoding a frame would cost its tiles detail; (0, 0) without tiles."""
    tiles = tiles_of(width, height, spec)
    if not tiles:
        return 0, 0
    scale = min(1.0, min(spec.width / tiles[0].width, spec.height / tiles[0].height))
    return math.ceil(width * scale), math.ceil(height * scale)


def crop(rgb: NDArray[np.uint8], frame: tuple[int, int], tile: Tile) -> NDArray[np.uint8]:
    """The pixels of `tile` from a frame of (width, height) that may have been decoded smaller, as `rgb`."""
    height, width = rgb.shape[:2]
    x_scale, y_scale = width / frame[0], height / frame[1]
    rows = slice(round(tile.y * y_scale), round((tile.y + tile.height) * y_scale))
    return rgb[rows, round(tile.x * x_scale) : round((tile.x + tile.width) * x_scale)]


def in_frame(shares: NDArray[np.float64], tile: Tile, frame: tuple[int, int]) -> NDArray[np.float64]:
    """Boxes in shares of `tile` to shares of a frame of (width, height); (n, 4)."""
    size = np.array((tile.width, tile.height) * 2, np.float64)
    origin = np.array((tile.x, tile.y) * 2, np.float64)
    return np.asarray(np.clip((shares * size + origin) / np.array(frame * 2, np.float64), 0.0, 1.0), np.float64)


def cut_off(xyxy: NDArray[np.float64], tile: Tile, frame: tuple[int, int]) -> NDArray[np.bool_]:
    """Which boxes touch an edge of their tile that is no edge of the frame. xyxy: (n, 4) in shares of the frame."""
    width, height = frame
    left, top = tile.x / width, tile.y / height
    right, bottom = (tile.x + tile.width) / width, (tile.y + tile.height) / height
    x_near, y_near = EDGE * (right - left), EDGE * (bottom - top)
    touches = (
        (left > 0) & (xyxy[:, 0] < left + x_near)
        | (top > 0) & (xyxy[:, 1] < top + y_near)
        | (tile.x + tile.width < width) & (xyxy[:, 2] > right - x_near)
        | (tile.y + tile.height < height) & (xyxy[:, 3] > bottom - y_near)
    )
    return np.asarray(touches, np.bool_)


def merge(
    xyxy: NDArray[np.float64], scores: NDArray[np.float32], classes: NDArray[np.intp], cut: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Indices of the boxes that stay, the surest first. xyxy: (n, 4); scores, classes, cut (off by a tile's edge): (n,).

    Within each class: suppression at the IoU at which a single view suppresses; then a cut-off box goes that lies within a
    larger one, for a plume is one plume and not its pieces.
    """
    if len(scores) == 0:
        return np.zeros(0, np.intp)
    xywh = np.hstack((xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]))
    kept = cv2.dnn.NMSBoxesBatched(xywh, scores, classes, 0.0, NMS_IOU)  # type: ignore[arg-type]
    order = sorted(np.asarray(kept, np.intp).reshape(-1).tolist(), key=lambda index: -float(scores[index]))
    areas = (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])

    def piece(index: int) -> bool:
        larger = (one for one in order if classes[one] == classes[index] and areas[one] > areas[index])
        return bool(cut[index]) and any(_within(xyxy[index], xyxy[one]) >= WITHIN for one in larger)

    return np.array([index for index in order if not piece(index)][:MOST_BOXES], np.intp)


def _within(inner: NDArray[np.float64], outer: NDArray[np.float64]) -> float:
    """The share of `inner` that lies in `outer`, 0–1."""
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    return float(max(width, 0) * max(height, 0) / ((inner[2] - inner[0]) * (inner[3] - inner[1])))


def _count(length: int, tile: float) -> int:
    """Tiles of `tile` px that cover `length` px with the overlap."""
    return 1 if length <= tile else math.ceil((length - OVERLAP * tile) / ((1 - OVERLAP) * tile))


def _starts(length: int, tile: float) -> Sequence[int]:
    count = _count(length, tile)
    return [0] if count == 1 else [round(index * (length - tile) / (count - 1)) for index in range(count)]
