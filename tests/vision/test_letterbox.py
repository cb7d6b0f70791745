"""Pictures into the graph's input, and boxes back to where they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.bundle import InputSpec
from balefire.vision.letterbox import Letterbox, fit, letterbox

SQUARE = InputSpec(640, 640)

FITS = [
    ("as it is", (640, 640), SQUARE, Letterbox(640, 640, 0, 0)),
    ("1080p", (1920, 1080), SQUARE, Letterbox(640, 360, 0, 140)),
    ("upright", (1080, 1920), SQUARE, Letterbox(360, 640, 140, 0)),
    ("small ones grow", (320, 240), SQUARE, Letterbox(640, 480, 0, 80)),
    ("one row", (4000, 1), SQUARE, Letterbox(640, 1, 0, 319)),
    ("oblong input", (1920, 1080), InputSpec(960, 544), Letterbox(960, 540, 0, 2)),
]


@pytest.mark.parametrize(("size", "spec", "expected"), [row[1:] for row in FITS], ids=[row[0] for row in FITS])
def test_fits(size: tuple[int, int], spec: InputSpec, expected: Letterbox) -> None:
    assert fit(*size, spec) == expected


def test_tensor_is_rgb_planes_from_0_to_1_in_grey() -> None:
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[:] = (255, 51, 0)
    tensor, place = letterbox(rgb, InputSpec(64, 64, pad=114))
    assert tensor.shape == (1, 3, 64, 64)
    assert tensor.dtype == np.float32
    assert place == Letterbox(64, 32, 0, 16)
    np.testing.assert_allclose(tensor[0, :, 32, 32], (1, 0.2, 0), atol=1e-6)
    np.testing.assert_allclose(tensor[0, :, [0, 15, 48, 63], 5], 114 / 255, atol=1e-6)
    assert tensor[0, 0, 16:48].min() > 0.99


def test_shrinking_keeps_what_is_thin() -> None:
    rgb = np.zeros((400, 400, 3), np.uint8)
    rgb[:, ::8] = 255  # one bright column of eight
    tensor, _ = letterbox(rgb, InputSpec(40, 40))
    np.testing.assert_allclose(tensor.mean(), 1 / 8, atol=0.01)
    assert tensor.min() > 0.05, "a column was passed over"


sides = st.integers(1, 8000)
shares = st.floats(0, 1, width=32)


@given(sides, sides, st.lists(st.tuples(shares, shares, shares, shares), min_size=1, max_size=5))
def test_boxes_come_back(width: int, height: int, boxes: list[tuple[float, ...]]) -> None:
    place = fit(width, height, SQUARE)
    there = np.array(boxes, np.float64)
    pixels = there * ((place.width, place.height) * 2) + (place.pad_x, place.pad_y) * 2
    back = place.to_shares(pixels.astype(np.float32))
    # float32 pixels carry 640 / 2**24; a picture one pixel high spreads that over its whole height
    np.testing.assert_allclose(back, there, atol=1e-4)


@given(sides, sides)
def test_fits_within_the_input_and_fills_one_side(width: int, height: int) -> None:
    place = fit(width, height, SQUARE)
    assert max(place.width, place.height) == 640
    assert min(place.width, place.height) >= 1
    for pad, size in ((place.pad_x, place.width), (place.pad_y, place.height)):
        assert 0 <= 640 - (2 * pad + size) <= 1, "in the middle"


@given(sides, sides, st.lists(st.floats(-1e6, 1e6, width=32), min_size=4, max_size=4))
def test_boxes_outside_are_clipped(width: int, height: int, xyxy_px: list[float]) -> None:
    back = fit(width, height, SQUARE).to_shares(np.array([xyxy_px], np.float32))
    assert ((back >= 0) & (back <= 1)).all()
