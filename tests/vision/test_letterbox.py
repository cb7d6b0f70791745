"""Pictures of any size into the input and boxes back out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.bundle import InputSpec
from balefire.vision.letterbox import fit, letterbox

SPEC = InputSpec(64, 64)


@given(st.integers(1, 5000), st.integers(1, 5000), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_there_and_back(width: int, height: int, shares: list[float]) -> None:
    place = fit(width, height, InputSpec(640, 640))
    corners = np.array([shares], np.float64)
    assert place.to_shares(place.to_pixels(corners).astype(np.float32)) == pytest.approx(corners, abs=1e-3)


@pytest.mark.parametrize(
    ("width", "height", "place"),
    [(64, 64, (64, 64, 0, 0)), (128, 64, (64, 32, 0, 16)), (30, 60, (32, 64, 16, 0)), (5000, 1, (64, 1, 0, 31))],
)
def test_where_a_picture_lies(width: int, height: int, place: tuple[int, int, int, int]) -> None:
    found = fit(width, height, SPEC)
    assert (found.width, found.height, found.pad_x, found.pad_y) == place


def test_the_tensor() -> None:
    rgb = np.zeros((32, 64, 3), np.uint8)
    rgb[..., 0] = 255
    tensor, _ = letterbox(rgb, SPEC)
    assert tensor.shape == (1, 3, 64, 64)
    assert tensor.dtype == np.float32
    assert tensor[0, :, 32, 32].tolist() == [1, 0, 0]  # RGB, 0–1
    assert tensor[0, :, 0, 0] == pytest.approx([114 / 255] * 3)


def test_boxes_outside_the_picture_are_clipped() -> None:
    place = fit(128, 64, SPEC)
    assert place.to_shares(np.array([[-5, 0, 70, 64]], np.float32)).tolist() == [[0, 0, 1, 1]]
