"""Composed heaps: what changed in the picture has a box, and the same seed gives the same picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from balefire.domain.errors import BadLabel
from training.compose import Pixels, compose, read_cutouts

GROUND = np.full((240, 400, 3), 120, np.uint8)


@pytest.fixture
def cutouts(tmp_path: Path) -> list[Pixels]:
    """Two pieces of one colour each, solid in the middle and clear at the rim."""
    for name, colour in (("brick", (40, 60, 200)), ("concrete", (160, 160, 150))):
        piece = np.zeros((40, 60, 4), np.uint8)
        piece[4:-4, 4:-4] = (*colour, 255)
        cv2.imwrite(str(tmp_path / f"{name}.png"), piece)
    return read_cutouts(tmp_path)


def test_what_changed_lies_in_a_box(cutouts: list[Pixels]) -> None:
    for seed in range(30):
        composed = compose(GROUND, cutouts, np.random.default_rng(seed))
        changed = np.abs(composed.picture.astype(int) - GROUND).max(axis=2) > 20
        boxed = np.zeros_like(changed)
        high, wide = changed.shape
        for heap in composed.heaps:
            boxed[int(heap.y1 * high) : int(heap.y2 * high) + 1, int(heap.x1 * wide) : int(heap.x2 * wide) + 1] = True
        assert changed[~boxed].sum() <= 0.15 * changed.sum(), f"seed {seed}: a heap without a box"
        assert not composed.heaps or changed[boxed].mean() > 0.25, f"seed {seed}: a box without a heap"


def test_most_pictures_get_a_heap_and_the_seed_repeats_them(cutouts: list[Pixels]) -> None:
    first = [compose(GROUND, cutouts, np.random.default_rng(seed)) for seed in range(20)]
    again = [compose(GROUND, cutouts, np.random.default_rng(seed)) for seed in range(20)]
    assert sum(bool(one.heaps) for one in first) >= 15
    assert all(
        np.array_equal(one.picture, two.picture) and one.heaps == two.heaps for one, two in zip(first, again, strict=True)
    )


def test_a_folder_without_transparent_cutouts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLabel, match="no cut-outs"):
        read_cutouts(tmp_path)
    cv2.imwrite(str(tmp_path / "opaque.png"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(BadLabel, match=r"opaque\.png: not a picture with transparency"):
        read_cutouts(tmp_path)
