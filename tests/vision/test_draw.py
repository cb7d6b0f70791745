"""Boxes on pictures: visible at any size, told apart without colour."""

from __future__ import annotations

import numpy as np
import pytest

from balefire.domain.detection import Hazard
from balefire.vision.draw import draw, draw_jpeg
from balefire.vision.headers import read_header
from tests.builders import detection


@pytest.mark.parametrize("size", [(48, 64), (720, 1280), (2160, 3840)])
def test_a_box_shows_and_the_picture_stays(size: tuple[int, int]) -> None:
    rgb = np.full((*size, 3), 90, np.uint8)
    drawn = draw(rgb, [detection(box=(0.25, 0.25, 0.75, 0.75))])
    assert drawn.shape == rgb.shape
    assert (rgb == 90).all()
    assert (drawn != rgb).any()
    assert (drawn[-1] == 90).all()
    header = read_header(draw_jpeg(rgb, []))
    assert (header.height, header.width) == size


def test_hazards_differ_without_colour() -> None:
    rgb = np.zeros((360, 640, 3), np.uint8)
    grey = [draw(rgb, [detection(hazard)]).max(axis=2) > 0 for hazard in Hazard]
    assert (grey[0] != grey[1]).any()
    assert (grey[1] != grey[2]).any()


@pytest.mark.parametrize("box", [(0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.001, 0.001), (0.999, 0.999, 1.0, 1.0)])
def test_boxes_at_the_edge(box: tuple[float, ...]) -> None:
    assert draw(np.zeros((48, 64, 3), np.uint8), [detection(box=box)]).shape == (48, 64, 3)
