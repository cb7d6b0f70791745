"""Heaps of rubble composed of cut-outs on street pictures: training pictures of what few real pictures show.

Many pieces are heaped into a mound that stands on the ground of a picture without waste: rotated, scaled by how far down
the picture (how near) they lie, lit as the ground is, each with the shadow it throws on those behind it; then the heap's
edge is blurred as the picture's own is. Composed pictures are for training alone; nothing composed is evidence of anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from balefire.domain.errors import BadLabel
from balefire.domain.geometry import Box

Pixels = NDArray[np.uint8]

PIECES = (50, 160)  # in a heap
WIDTH = (0.14, 0.5)  # of a heap, as a share of the picture's width
STEEPNESS = (0.35, 0.75)  # of a heap: height over half its width; rubble rests at 30 to 40 degrees
GROUND = (0.62, 0.95)  # where a heap stands, as a share of the picture's height: below the horizon of a street picture
PIECE = (0.06, 0.17)  # of a piece's longer side, as a share of the heap's width
BELT = 115  # brightness of what the cut-outs lay on
SHADOW = 0.45  # how dark a piece makes what lies right below it
HAZE = 0.25  # how far a piece's colours are drawn to those of the ground: the air and the lens between
LEAST_COVER = 0.25  # of the heap's box that pieces must cover


@dataclass(frozen=True, slots=True)
class Composed:
    """`picture`: BGR, uint8, as large as its background. `heaps`: a box each, shares of the picture."""

    picture: Pixels
    heaps: tuple[Box, ...]


def read_cutouts(folder: Path) -> list[Pixels]:
    """All cut-outs of a folder, BGRA, in the order of their names. Raises BadLabel for one without transparency."""
    cutouts = []
    for path in sorted(folder.glob("*.webp")) + sorted(folder.glob("*.png")):
        piece = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if piece is None or piece.ndim != 3 or piece.shape[2] != 4:
            raise BadLabel(f"{path}: not a picture with transparency")
        cutouts.append(np.asarray(piece, np.uint8))
    if not cutouts:
        raise BadLabel(f"{folder}: no cut-outs (*.webp, *.png)")
    return cutouts


def compose(background: Pixels, cutouts: Sequence[Pixels], random: np.random.Generator) -> Composed:
    """One or two heaps on `background` (BGR, uint8). The same generator state gives the same picture."""
    picture = background.copy()
    heaps: list[Box] = []
    for _ in range(1 + int(random.random() < 0.25)):
        attempt = picture.copy()
        heap = _heap(attempt, cutouts, random)
        if heap is not None and all(heap.iou(other) < 0.05 for other in heaps):
            heaps.append(heap)
            picture = attempt  # what got no box is not left in the picture
    return Composed(picture, tuple(heaps))


def _heap(picture: Pixels, cutouts: Sequence[Pixels], random: np.random.Generator) -> Box | None:
    """Draw one heap into `picture` and return its box; None where too little of it came to lie inside."""
    high, wide = picture.shape[:2]
    width = random.uniform(*WIDTH) * wide
    middle, foot = random.uniform(width / 2, wide - width / 2), random.uniform(*GROUND) * high
    rise = width / 2 * random.uniform(*STEEPNESS)
    ground = _ground(picture, middle, foot, width)
    covered = np.zeros((high, wide), np.float32)
    kinds = [cutouts[k] for k in random.integers(len(cutouts), size=int(random.integers(4, 12)))]
    pieces = int(random.integers(*PIECES))
    for depth in np.sort(random.random(pieces)):  # from the back of the heap to its front
        along = float(np.clip(random.normal(0, 0.42), -1, 1))
        up = (1 - abs(along)) * random.random() ** 1.3 * rise * (1 - 0.35 * depth)
        x, y = middle + along * width / 2, foot - up + (depth - 0.5) * 0.25 * width * (1 - abs(along))
        size = random.uniform(*PIECE) * width * (0.8 + 0.4 * depth)
        piece = _turned(kinds[int(random.integers(len(kinds)))], size, random.uniform(0, 360), random)
        _lay(picture, covered, piece, int(x), int(y), ground)
    return _box_of(covered)


def _ground(picture: Pixels, middle: float, foot: float, width: float) -> NDArray[np.float32]:
    """The mean colour of the ground around a heap's foot, BGR."""
    half = max(2, int(width / 2))
    rows = slice(max(0, int(foot) - half // 2), int(foot) + half // 2)
    ground = picture[rows, max(0, int(middle) - half) : int(middle) + half].reshape(-1, 3)
    return np.asarray(ground.mean(axis=0), np.float32)


def _lit(colours: NDArray[np.float32], ground: NDArray[np.float32]) -> NDArray[np.float32]:
    """A piece's colours in the light of the scene: as bright as the ground is against a sorting line's belt."""
    brightness = float(np.clip(ground.mean() / BELT, 0.3, 1.5))
    return np.asarray(np.clip(colours * brightness, 0, 255) * (1 - HAZE) + ground * HAZE, np.float32)


def _turned(cutout: Pixels, longer_side: float, degrees: float, random: np.random.Generator) -> NDArray[np.float32]:
    """The piece, scaled, tilted away by up to a half and rotated; BGRA, 0–255, padded so that no corner is lost."""
    high, wide = cutout.shape[:2]
    scale = max(longer_side, 4.0) / max(high, wide)
    size = (max(3, round(wide * scale)), max(3, round(high * scale * random.uniform(0.5, 1))))
    small = cv2.resize(cutout, size, interpolation=cv2.INTER_AREA)
    side = int(np.hypot(*size)) + 2
    matrix = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), degrees, 1.0)
    matrix[:, 2] += (side - size[0]) / 2, (side - size[1]) / 2
    turned = cv2.warpAffine(small, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0, 0))
    return np.asarray(turned, np.float32)


def _lay(
    picture: Pixels,
    covered: NDArray[np.float32],
    piece: NDArray[np.float32],
    x: int,
    y: int,
    ground: NDArray[np.float32],
) -> None:
    """Lay a piece with its middle at (x, y); first the shadow, a little below and to the right."""
    alpha = cv2.GaussianBlur(piece[..., 3] / 255, (3, 3), 0)
    shadow = cv2.GaussianBlur(alpha, (0, 0), max(1.0, piece.shape[0] / 10))
    drop = max(1, piece.shape[0] // 9)
    _blend(picture, np.zeros_like(piece[..., :3]), shadow * SHADOW, x + drop // 2, y + drop)
    _blend(picture, _lit(piece[..., :3], ground), alpha, x, y)
    _blend(covered[..., None], np.ones_like(alpha)[..., None], alpha, x, y)


def _blend(onto: NDArray[Any], what: NDArray[Any], alpha: NDArray[Any], x: int, y: int) -> None:
    """onto: (h, w, c), changed in place; what: (s, s, c); alpha: (s, s), 0–1; cut at the edges."""
    high, wide = onto.shape[:2]
    half = alpha.shape[0] // 2
    top, left = y - half, x - half
    rows, columns = slice(max(0, top), min(high, top + alpha.shape[0])), slice(max(0, left), min(wide, left + alpha.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    part = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
    share = alpha[part][..., None]
    onto[rows, columns] = (what[part] * share + onto[rows, columns] * (1 - share)).astype(onto.dtype)


def _box_of(covered: NDArray[np.float32]) -> Box | None:
    """The box of the heap: lone stones beyond the outer 2 % of what is covered are not part of it."""
    rows, columns = np.nonzero(covered > 0.5)
    if len(rows) < 200:
        return None
    high, wide = covered.shape
    (x1, x2), (y1, y2) = np.percentile(columns, (1, 99)), np.percentile(rows, (1, 99))
    inside = covered[int(y1) : int(y2) + 1, int(x1) : int(x2) + 1]
    if float((inside > 0.5).mean()) < LEAST_COVER:
        return None
    return Box(float(x1) / wide, float(y1) / high, float(x2 + 1) / wide, float(y2 + 1) / high)
