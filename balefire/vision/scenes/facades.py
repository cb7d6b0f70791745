"""House fronts by night: storeys, windows with somebody at home, shops on the ground floor. Linear light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from balefire.vision.scenes.canyon import END, LEFT, Hits
from balefire.vision.scenes.noise import Floats, look_up, seeded_tile, smooth

Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

STOREY_M = 3.4
SHOP_M = 4.0
BAY_M = 2.7
LAMPLIGHT = np.array([[1.0, 0.72, 0.38], [1.0, 0.82, 0.55], [0.85, 0.92, 1.0], [1.0, 0.62, 0.28]], np.float32)
PLASTER = np.array([[0.30, 0.22, 0.17], [0.34, 0.30, 0.25], [0.22, 0.22, 0.24], [0.38, 0.33, 0.24]], np.float32)


@dataclass(frozen=True, slots=True)
class Fronts:
    """`albedo` (h, w, 3), `glow` (h, w, 3) what windows send out, `roof` (h, w) True above the house."""

    albedo: Floats
    glow: Floats
    roof: Flags


def fronts(seed: int, hits: Hits, lit_share: float = 0.3) -> Fronts:
    """The houses' fronts at `hits`; ground pixels get values that nobody uses."""
    along = np.where(hits.surface == END, hits.x + 40, hits.z)
    street_side = np.where(hits.surface == END, 2, np.where(hits.surface == LEFT, 0, 1)).astype(np.int64)
    house_m = 13.0
    house = np.floor(along / house_m).astype(np.int64)
    place = house * 3 + street_side
    top = 10.5 + STOREY_M * np.floor(_dice(seed, place, 1) * 4)
    shop = hits.y < SHOP_M
    bay, across = _cells(along, np.where(shop, house_m / 3, BAY_M))
    storey, up = _cells(hits.y - SHOP_M, STOREY_M)
    window = _inside(across, 0.30) * _inside(up - 0.04, 0.31)
    window = np.where(shop, _inside(across, 0.42) * smooth(0.5, 0.6, hits.y) * smooth(3.1, 3.0, hits.y), window)
    window = np.where(hits.y > top - 0.9, 0, window)
    cell = place * 4099 + bay * 131 + storey
    glow = _window_light(seed, cell, shop, up, across, lit_share) * window[..., None]
    glow += _signs(seed, place, bay, across, hits.y)
    grime = look_up(seeded_tile(seed, 301, 512, 1.2, 6), along * 22, hits.y * 22)
    albedo = PLASTER[(_dice(seed, place, 2) * 4).astype(int)] * (1 + 0.12 * grime)[..., None]
    frame = (_inside(across, 0.335) * _inside(up - 0.04, 0.345) > window) & ~shop
    albedo = albedo * np.where(frame, 1.5, 1.0)[..., None] * (1 - 0.85 * window)[..., None]
    cornice = np.abs(hits.y - top + 0.25) < 0.22
    albedo = albedo * np.where(cornice | (np.abs(hits.y - SHOP_M + 0.1) < 0.18), 1.6, 1.0)[..., None]
    return Fronts(albedo.astype(np.float32), glow.astype(np.float32), hits.y > top)


def _cells(value: Floats, width: Floats | float) -> tuple[Whole, Floats]:
    """Which cell, and −0.5 to 0.5 across it."""
    number = np.floor(value / width)
    return number.astype(np.int64), value / width - number - 0.5


def _inside(across: Floats, half: float) -> Floats:
    return smooth(half + 0.01, half - 0.01, np.abs(across)) if half > 0 else across * 0


def _window_light(seed: int, cell: Whole, shop: Flags, up: Floats, across: Floats, lit_share: float) -> Floats:
    lit = _dice(seed, cell, 3) < np.where(shop, 0.35, lit_share)
    colour = LAMPLIGHT[(_dice(seed, cell, 4) * 4).astype(int)]
    strength = np.where(shop, 0.75, 0.40) * (0.35 + 1.2 * _dice(seed, cell, 5) ** 2)
    # Lamps hang from the ceiling; curtains and glazing bars take light away.
    strength = strength * (0.75 + 0.7 * up) * np.where((np.abs(across) < 0.012) & ~shop, 0.25, 1.0)
    curtain = (_dice(seed, cell, 6) > 0.5) & (np.abs(across) > 0.14) & ~shop
    strength = strength * np.where(curtain, 0.55, 1.0)
    dark = np.array([0.004, 0.005, 0.008], np.float32)
    return np.asarray(np.where(lit[..., None], colour * strength[..., None], dark), np.float32)


def _signs(seed: int, place: Whole, bay: Whole, across: Floats, height: Floats) -> Floats:
    """A lit board above a shop here and there."""
    cell = place * 977 + bay
    board = (np.abs(across) < 0.36) & (np.abs(height - 3.45) < 0.24) & (_dice(seed, cell, 7) < 0.22)
    palette = np.array([[0.1, 0.5, 0.9], [0.1, 0.8, 0.4], [0.9, 0.9, 1.0], [0.75, 0.15, 0.5]], np.float32)
    colour = palette[(_dice(seed, cell, 8) * 4).astype(int)]
    return np.asarray(np.where(board[..., None], 0.3 * colour, 0), np.float32)


def _dice(seed: int, cell: Whole, salt: int) -> Floats:
    """0–1, the same for the same cell: an integer hash, since a generator a cell would take minutes."""
    mixed = (cell + (seed * 7919 + salt * 104729)).astype(np.uint32)
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x45D9F3B)
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x45D9F3B)
    return np.asarray((mixed ^ (mixed >> np.uint32(16))) / np.float32(2**32), np.float32)
