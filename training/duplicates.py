"""Pictures that are nearly the same, by perceptual hash: what a copy in two splits would teach a test by heart.

pHash: the low frequencies of a small grey picture against their median, 64 bits (Zauner, 2010). Rescaling, recompression
and a change of brightness move few of them. Copies differ in at most `NEAR` bits; a second look at the pixels of the small
grey pictures keeps plain pictures (a night, a fog) from counting as copies of each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from balefire.domain.errors import BadLabel
from training.steps import steps

NEAR = 6  # of 64 bits
SIDE, LOW = 64, 8
ALIKE = 0.985  # correlation of the small grey pictures; a recompressed copy at half the size has 0.999


@dataclass(frozen=True, slots=True)
class Look:
    """What two pictures are compared by: 64 bits, and the grey picture of 64 × 64 they were made of."""

    bits: NDArray[np.uint8]
    small: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures that are nearly the same. `distance` in bits, 0–64."""

    one: str
    other: str
    distance: int


def look_of(path: Path) -> Look:
    """Raises BadLabel where the picture cannot be read."""
    grey = cv2.imread(str(path), cv2.IMREAD_REDUCED_GRAYSCALE_2)
    if grey is None:
        raise BadLabel(f"{path}: cannot be decoded")
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small.astype(np.float32))[:LOW, :LOW].flatten()
    return Look(np.packbits(low > np.median(low[1:])), np.asarray(small, np.uint8))


def looks_of(root: Path, images: Sequence[str], cache: Path, console: Console) -> list[Look]:
    """Of each picture; those that were looked at before come from the file `cache`. Raises BadLabel."""
    known = _read(cache)
    marks = [_mark(root / image) for image in images]
    with steps(list(zip(images, marks, strict=True)), "looking for copies", console) as walk:
        found = {mark: known[mark] if mark in known else look_of(root / image) for image, mark in walk}
    if set(found) - set(known):
        _write(cache, {**known, **found})
    return [found[mark] for mark in marks]


def pairs(images: Sequence[str], looks: Sequence[Look], near: int = NEAR) -> list[Pair]:
    """All pairs at most `near` bits apart, nearest first. images: the names, in the order of `looks`."""
    if not images:
        return []
    bits = np.unpackbits(np.stack([look.bits for look in looks]), axis=1).astype(np.int16)
    found = []
    for k in range(len(images) - 1):
        distance = np.abs(bits[k + 1 :] - bits[k]).sum(axis=1)
        for other in (int(place) for place in np.nonzero(distance <= near)[0] + k + 1):
            if _alike(looks[k].small, looks[other].small):
                found.append(Pair(images[k], images[other], int(distance[other - k - 1])))
    return sorted(found, key=lambda pair: (pair.distance, pair.one, pair.other))


def _alike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    if not (one.std() and other.std()):
        return bool(np.array_equal(one, other))
    return bool(np.corrcoef(one.ravel(), other.ravel())[0, 1] >= ALIKE)


def _mark(path: Path) -> str:
    """Changes with the file: its path, size and time."""
    try:
        stat = path.stat()
    except FileNotFoundError as error:
        raise BadLabel(f"{path}: there is no such picture") from error
    return hashlib.sha256(f"{path} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:24]


def _read(cache: Path) -> dict[str, Look]:
    try:
        with np.load(cache, allow_pickle=False) as file:
            rows = zip(file["marks"].tolist(), file["bits"], file["small"], strict=True)
            return {mark: Look(bits, small) for mark, bits, small in rows}
    except (OSError, ValueError, KeyError):
        return {}


def _write(cache: Path, looks: dict[str, Look]) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    partial = cache.with_suffix(".partial.npz")
    bits, small = np.stack([look.bits for look in looks.values()]), np.stack([look.small for look in looks.values()])
    np.savez_compressed(partial, marks=np.array(list(looks)), bits=bits, small=small)
    partial.replace(cache)
