"""The time line as a picture: its size, its colours, and where its moments stand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from balefire.domain.detection import Hazard
from balefire.domain.errors import BadInput
from balefire.domain.event import EventState
from balefire.domain.frame import FrameStatus
from balefire.domain.policy import Policy
from balefire.flows.story import Step, Story
from balefire.vision.draw import STYLES
from balefire.vision.image import Rgb
from balefire.vision.time_line import LANE_PX, LEFT_PX, RAISED_GROUND, RIGHT_PX, WIDTH_PX, time_line_png
from tests.builders import at, detection, event


def _story(hazard: Hazard, sure: float) -> Story:
    """Seen in every second frame of eleven, raised after the sixth."""
    known = event(0, 2, 4, 6, 8, 10, hazard=hazard)
    known.state, known.raised_at, known.reason = EventState.RAISED, at(6), "4 of 6 sightings – grown"
    steps = [
        Step(at(k), FrameStatus.ACCEPTED, None if k % 2 else sure, detection().box,
             EventState.RAISED if k >= 6 else EventState.CANDIDATE, "seen", "words")
        for k in range(11)
    ]  # fmt: skip
    return Story(known, Policy(hazard, 3, 5, window_s=60, open_s=60, confidence=0.3), steps, agrees=True)


def _pixels(png: bytes) -> Rgb:
    bgr = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    return bgr[:, :, ::-1].astype(np.uint8)


def _count(rgb: Rgb, colour: tuple[int, int, int]) -> int:
    return int((rgb == colour).all(axis=2).sum())


def test_each_event_has_a_lane_in_the_colour_of_its_hazard() -> None:
    rgb = _pixels(time_line_png([_story(Hazard.FLAME, 0.8), _story(Hazard.SMOKE, 0.4)]))
    assert rgb.shape == (2 * LANE_PX, WIDTH_PX, 3)
    flame, smoke = rgb[:LANE_PX], rgb[LANE_PX:]
    counts = [_count(lane, STYLES[hazard].colour) for lane, hazard in ((flame, Hazard.FLAME), (smoke, Hazard.SMOKE))]
    assert counts[0] > 1.8 * counts[1] > 0  # twice as sure, twice as high
    assert _count(flame, STYLES[Hazard.SMOKE].colour) == 0


def test_what_is_raised_stands_on_another_ground_from_that_moment_on() -> None:
    rgb = _pixels(time_line_png([_story(Hazard.SMOKE, 0.4)]))
    lit = np.flatnonzero((rgb == RAISED_GROUND).all(axis=2).any(axis=0))
    raised_px = LEFT_PX + 0.6 * (WIDTH_PX - LEFT_PX - RIGHT_PX)
    assert lit.min() == pytest.approx(raised_px, abs=5)
    assert lit.max() >= WIDTH_PX - RIGHT_PX - 6


def test_no_story_is_no_picture() -> None:
    with pytest.raises(BadInput, match="at least one event"):
        time_line_png([])
