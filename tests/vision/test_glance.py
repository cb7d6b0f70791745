"""What a picture says of the camera that took it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from balefire.domain.glance import COLUMNS, ROWS, likeness
from balefire.vision.glance import glance
from balefire.vision.image import Rgb
from balefire.vision.scenes.registry import scene


@pytest.fixture(scope="module")
def hill() -> Rgb:
    """A rendered scene, as a camera would see it."""
    return np.ascontiguousarray(scene("hillside").frame(0.0))


def test_a_healthy_picture(hill: Rgb) -> None:
    seen = glance(hill)
    assert 20 < seen.light < 235
    assert seen.spread > 60
    assert seen.structure > 60
    assert not seen.grey
    assert len(seen.edges) == COLUMNS * ROWS


def test_light_does_not_change_focus_or_edges(hill: Rgb) -> None:
    seen, dim = glance(hill), glance((hill * 0.5).astype(np.uint8))
    assert dim.light == pytest.approx(seen.light / 2, abs=3)
    assert dim.fine == pytest.approx(seen.fine, rel=0.25)
    assert likeness(seen.edges, dim.edges) > 0.9


def test_a_lost_focus_takes_the_detail_and_leaves_the_structure(hill: Rgb) -> None:
    seen = glance(hill)
    soft = glance(np.asarray(cv2.GaussianBlur(hill, (0, 0), hill.shape[1] * 0.01), np.uint8))
    assert soft.fine < 0.45 * seen.fine
    assert soft.structure > 0.5 * seen.structure
    assert likeness(seen.edges, soft.edges) > 0.7


def test_a_flat_surface_has_no_structure() -> None:
    noise = np.random.default_rng(0).normal(84, 3, (720, 1280, 3))
    seen = glance(np.clip(noise, 0, 255).astype(np.uint8))
    assert seen.structure < 12
    assert seen.spread < 40


def test_size_does_not_matter(hill: Rgb) -> None:
    large = np.asarray(cv2.resize(hill, (1920, 1080), interpolation=cv2.INTER_CUBIC), np.uint8)
    half = np.asarray(cv2.resize(large, (960, 540), interpolation=cv2.INTER_AREA), np.uint8)
    assert glance(half).structure == pytest.approx(glance(large).structure, rel=0.1)
    assert likeness(glance(half).edges, glance(large).edges) > 0.95


def test_what_a_mask_covers_does_not_count(hill: Rgb) -> None:
    black = hill.copy()
    black[:, hill.shape[1] // 2 :] = 0
    right = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    seen = glance(black, [right])
    left = np.ascontiguousarray(hill[:, : hill.shape[1] // 2])
    assert seen.light == pytest.approx(glance(left).light, abs=6)
    everything = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    assert glance(np.zeros_like(hill), [everything]).structure == 0.0


def test_infrared_has_no_colour(hill: Rgb) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(hill, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert glance(np.asarray(grey, np.uint8)).grey
