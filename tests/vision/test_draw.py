"""Boxes drawn: told apart without colour, within the picture, readable at every size."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from balefire.domain.detection import Detection, Hazard
from balefire.domain.geometry import Box
from balefire.vision.draw import STYLES, draw, draw_jpeg
from balefire.vision.image import decode, read_header

HAZARDS = [Hazard.FLAME, Hazard.SMOKE, Hazard.WASTE, None]
MIDDLE = Box(0.25, 0.3, 0.75, 0.8)


def seen(hazard: Hazard | None, box: Box = MIDDLE, sure: float = 0.5) -> Detection:
    return Detection(hazard or "garbage_bin", hazard, sure, box, "toy@1.0.0")


def grey(width: int, height: int) -> NDArray[np.uint8]:
    return np.full((height, width, 3), 128, np.uint8)


def changed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((before != after).any(axis=2))


def test_the_picture_itself_stays() -> None:
    rgb = grey(320, 240)
    drawn = draw(rgb, [seen(Hazard.FLAME)])
    assert (rgb == 128).all()
    assert drawn.shape == rgb.shape
    assert (draw(rgb, []) == rgb).all()


@pytest.mark.parametrize("hazard", HAZARDS)
def test_each_hazard_has_its_colour(hazard: Hazard | None) -> None:
    drawn = draw(grey(640, 480), [seen(hazard)])
    assert (drawn == STYLES[hazard].colour).all(axis=2).sum() > 500


def test_lines_and_marks_differ_without_colour() -> None:
    """How much of the box's lower edge is drawn, and the marks, tell hazards apart on a black-and-white print."""
    assert len({style.mark for style in STYLES.values()}) == len(HAZARDS)
    shares = []
    for hazard in HAZARDS:
        mask = changed(grey(640, 480), draw(grey(640, 480), [seen(hazard)]))
        y = round(MIDDLE.y2 * 479)
        lit = (draw(grey(640, 480), [seen(hazard)])[y, 160:480] == STYLES[hazard].colour).all(axis=1)
        shares.append((lit.mean(), mask[y, 160:480].mean()))
    flame, smoke, waste, none = (lit for lit, _ in shares)
    assert flame == pytest.approx(1.0, abs=0.02)
    assert 0.4 < none < 0.6
    assert waste < smoke < flame
    assert all(abs(a - b) > 0.05 for a, b in pairwise(sorted((flame, smoke, waste))))


CORNERS = [Box(0, 0, 0.05, 0.05), Box(0.95, 0, 1, 0.05), Box(0.95, 0.95, 1, 1), Box(0, 0, 1, 1), Box(0.5, 0.5, 0.5001, 0.5001)]


@pytest.mark.parametrize("box", CORNERS)
@pytest.mark.parametrize("size", [(1, 1), (16, 12), (160, 120), (640, 480), (3840, 2160)])
@pytest.mark.parametrize("hazard", [Hazard.FLAME, Hazard.WASTE, None])
def test_any_size_and_place(size: tuple[int, int], box: Box, hazard: Hazard | None) -> None:
    rgb = grey(*size)
    assert changed(rgb, draw(rgb, [seen(hazard, box)])).any()


@pytest.mark.parametrize(("width", "height"), [(160, 120), (640, 480), (1920, 1080), (3840, 2160)])
def test_labels_are_whole_and_readable(width: int, height: int) -> None:
    """The label's plate lies within the picture, and its text is at least 7 px and at least a hundredth of it high."""
    for box in CORNERS:
        drawn = draw(grey(width, height), [seen(Hazard.WASTE, box)])
        plate = (drawn == STYLES[Hazard.WASTE].colour).all(axis=2).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(plate)
        x, y, plate_width, plate_height, _ = max(stats[1:].tolist(), key=lambda row: row[4])
        assert plate_height >= max(9, height / 80)
        assert plate_width > 3 * plate_height
        assert x + plate_width <= width
        assert y + plate_height <= height


def test_the_surest_lies_on_top() -> None:
    both = [seen(Hazard.FLAME, sure=0.9), seen(Hazard.WASTE, sure=0.2)]
    assert (draw(grey(320, 240), both) == draw(grey(320, 240), both[::-1])).all()
    top = draw(grey(320, 240), both)
    y = round(MIDDLE.y2 * 239)
    assert (top[y, 100:200] == STYLES[Hazard.FLAME].colour).all()


def test_jpeg() -> None:
    data = draw_jpeg(grey(320, 240), [seen(Hazard.SMOKE)])
    assert decode(data, read_header(data)).shape == (240, 320, 3)
