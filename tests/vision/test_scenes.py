"""Rendered footage: the same for the same seed and moment, burning only after its start, with boxes that are true."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from balefire.domain.errors import BadInput
from balefire.vision.scenes import SCENES, Scene, scene, training_picture

SMALL = (320, 184)
STARTS_S = 5.0


@lru_cache
def small(name: str, seed: int = 3, marked: bool = True) -> Scene:
    return scene(name, seed, SMALL, STARTS_S, marked)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_frame_is_a_picture_that_seed_and_time_decide(name: str) -> None:
    first = small(name).frame(17.3)
    again = scene(name, 3, SMALL, STARTS_S).frame(17.3)
    assert first.shape == (SMALL[1], SMALL[0], 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, small(name).frame(17.8))
    assert not np.array_equal(first, scene(name, 4, SMALL, STARTS_S).frame(17.3))


@pytest.mark.parametrize(
    ("name", "t_s", "hazards"),
    [
        ("hillside", 0.0, set()),
        ("hillside", STARTS_S, set()),
        ("hillside", STARTS_S + 20, {"smoke"}),
        ("street", 0.0, set()),
        ("street", STARTS_S, set()),
        ("street", STARTS_S + 1.5, {"flame"}),
        ("street", STARTS_S + 20, {"flame", "smoke"}),
    ],
)
def test_boxes_stand_only_after_the_start(name: str, t_s: float, hazards: set[str]) -> None:
    assert {hazard for hazard, _ in small(name).truth(t_s)} == hazards


@pytest.mark.parametrize("name", sorted(SCENES))
def test_the_boxes_hold_most_of_what_the_fire_changes(name: str) -> None:
    t_s = STARTS_S + 15
    clear = scene(name, 3, SMALL, starts_s=1000.0).frame(t_s)
    change = np.abs(small(name).frame(t_s).astype(int) - clear).max(axis=2)
    change[change < 40] = 0  # the fire's glow on the street, and the sensor's noise
    inside = np.zeros(change.shape, bool)
    for _, box in small(name).truth(t_s):
        width, height = SMALL
        inside[int(box.y1 * height) : int(box.y2 * height) + 1, int(box.x1 * width) : int(box.x2 * width) + 1] = True
    assert change[inside].sum() > 0.7 * change.sum() > 0
    assert inside.mean() < 0.4


@pytest.mark.parametrize("name", sorted(SCENES))
def test_the_fire_grows(name: str) -> None:
    young, old = (sum(box.area for _, box in small(name).truth(STARTS_S + after_s)) for after_s in (4, 25))
    assert 0 < young < old


def test_the_corner_says_rendered_unless_told_otherwise() -> None:
    told, silent = small("hillside").frame(0.0), small("hillside", marked=False).frame(0.0)
    changed = np.argwhere((told != silent).any(axis=2))
    assert len(changed)
    assert changed[:, 0].min() > SMALL[1] * 0.8
    assert changed[:, 1].max() < SMALL[0] * 0.3


def test_an_unknown_scene_names_the_near_one() -> None:
    with pytest.raises(BadInput, match="did you mean hillside"):
        scene("hilside")


def test_training_pictures_vary_and_backgrounds_have_no_boxes() -> None:
    size = (192, 112)
    pictures = [training_picture(seed, size) for seed in range(24)]
    again, boxes = training_picture(5, size)
    assert np.array_equal(again, pictures[5][0])
    assert boxes == pictures[5][1]
    assert {picture.shape for picture, _ in pictures} == {(112, 192, 3)}
    empty = sum(not truth for _, truth in pictures)
    assert 1 <= empty <= 12
    assert {hazard for _, truth in pictures for hazard, _ in truth} == {"flame", "smoke"}
