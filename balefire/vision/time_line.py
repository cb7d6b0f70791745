"""The time line of events as a picture: one lane an event, one bar a sighting, a tick for every frame.

The higher a bar, the surer the sighting; dashed lines are the scores that the policy counts from and counts twice from.
Ground: dark before anything is decided, lighter while raised, hatched while standing. Colours as in `draw`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import cv2
import numpy as np

from balefire.domain.errors import BadInput
from balefire.domain.event import EventState
from balefire.flows.story import Step, Story
from balefire.vision.draw import FONT, STYLES, Colour
from balefire.vision.image import Rgb

WIDTH_PX, LANE_PX = 1200, 170
LEFT_PX, RIGHT_PX, TITLE_PX, FOOT_PX = 44, 16, 46, 26
GROUND: Colour = (24, 26, 30)
RAISED_GROUND: Colour = (66, 40, 34)
STANDING_GROUND: Colour = (52, 52, 52)
FAINT: Colour = (110, 112, 118)
TEXT: Colour = (230, 230, 230)
MOST_LANES = 40  # a picture that no viewer opens helps nobody


def time_line_png(stories: Sequence[Story]) -> bytes:
    """One PNG, (170 · n, 1200) pixels, on one common time axis; at most 40 lanes. Raises BadInput for no stories."""
    shown = [story for story in stories if story.steps][:MOST_LANES]
    if not shown:
        raise BadInput("a time line needs at least one event with a frame")
    begins = min(step.captured_at for story in shown for step in story.steps)
    ends = max(step.captured_at for story in shown for step in story.steps)
    canvas = np.vstack([_lane(story, begins, ends) for story in shown])
    done, png = cv2.imencode(".png", cv2.cvtColor(canvas, cv2.COLOR_RGB2BGR))
    assert done
    return png.tobytes()


class _Axis:
    """Capture time to a column, in pixels; score 0–1 to a row."""

    def __init__(self, begins: datetime, ends: datetime) -> None:
        self.begins, self.span_s = begins, max((ends - begins).total_seconds(), 1.0)

    def x(self, at: datetime) -> int:
        share = (at - self.begins).total_seconds() / self.span_s
        return LEFT_PX + round(share * (WIDTH_PX - LEFT_PX - RIGHT_PX - 1))

    @staticmethod
    def y(score: float) -> int:
        return LANE_PX - FOOT_PX - round(score * (LANE_PX - FOOT_PX - TITLE_PX))


def _lane(story: Story, begins: datetime, ends: datetime) -> Rgb:
    canvas = np.full((LANE_PX, WIDTH_PX, 3), GROUND, np.uint8)
    axis = _Axis(begins, ends)
    steps = sorted(story.steps, key=lambda step: step.captured_at)
    _grounds(canvas, steps, axis)
    _scale(canvas, story, axis)
    colour, bar_px = STYLES[story.event.hazard].colour, _bar_px(steps, axis)
    for step in steps:
        x = axis.x(step.captured_at)
        cv2.line(canvas, (x, axis.y(0) + 1), (x, axis.y(0) + 4), FAINT, 1)
        if step.confidence is not None:
            cv2.rectangle(canvas, (x - bar_px // 2, axis.y(step.confidence)), (x + bar_px // 2, axis.y(0)), colour, cv2.FILLED)
    _moments(canvas, story, axis)
    event = story.event
    _write(canvas, f"{event.hazard} {event.id}  {event.state}", (LEFT_PX, 18), TEXT)
    _write(canvas, f"{event.code}: {event.reason}" if event.code else event.reason, (LEFT_PX, 37), FAINT)
    cv2.line(canvas, (0, LANE_PX - 1), (WIDTH_PX, LANE_PX - 1), FAINT, 1)
    return canvas


def _bar_px(steps: Sequence[Step], axis: _Axis) -> int:
    """As wide as leaves a gap between two frames, 1 to 7 pixels."""
    gaps = [axis.x(later.captured_at) - axis.x(sooner.captured_at) for sooner, later in pairwise(steps)]
    return max(1, min(7, min((gap for gap in gaps if gap > 0), default=7) - 1))


def _grounds(canvas: Rgb, steps: Sequence[Step], axis: _Axis) -> None:
    for sooner, later in pairwise([*steps, steps[-1]]):
        corners = (axis.x(sooner.captured_at), TITLE_PX), (axis.x(later.captured_at), axis.y(0))
        if sooner.state is EventState.RAISED:
            cv2.rectangle(canvas, *corners, RAISED_GROUND, cv2.FILLED)
        if sooner.state is EventState.STANDING:
            cv2.rectangle(canvas, *corners, STANDING_GROUND, cv2.FILLED)
            for x in range(corners[0][0] // 8 * 8, corners[1][0], 8):
                if x > corners[0][0]:
                    cv2.line(canvas, (x, axis.y(0)), (x, TITLE_PX), GROUND, 1)


def _scale(canvas: Rgb, story: Story, axis: _Axis) -> None:
    for score in (0.0, 1.0):
        cv2.line(canvas, (LEFT_PX, axis.y(score)), (WIDTH_PX - RIGHT_PX, axis.y(score)), FAINT, 1)
        _write(canvas, f"{score:.0f}", (LEFT_PX - 16, axis.y(score) + 5), FAINT)
    for score in (story.policy.confidence, story.policy.sure):
        if 0 < score < 1:
            for x in range(LEFT_PX, WIDTH_PX - RIGHT_PX, 10):
                cv2.line(canvas, (x, axis.y(score)), (x + 4, axis.y(score)), FAINT, 1)
            _write(canvas, f"{score:.2f}", (6, axis.y(score) + 5), FAINT)
    for fifth in range(6):
        seconds = fifth / 5 * axis.span_s
        words = f"+{seconds:.3g} s" if axis.span_s < 600 else f"+{seconds / 60:.3g} min"
        x = LEFT_PX + round(fifth / 5 * (WIDTH_PX - LEFT_PX - RIGHT_PX - 60))
        _write(canvas, words if fifth else f"{axis.begins:%Y-%m-%d %H:%M:%S} UTC", (x, LANE_PX - 8), FAINT)


def _moments(canvas: Rgb, story: Story, axis: _Axis) -> None:
    last = max(step.captured_at for step in story.steps)
    for at, word in ((story.event.raised_at, "raised"), (story.event.closed_at, "closed")):
        if at is not None and at <= last:
            x = axis.x(at)
            cv2.line(canvas, (x, TITLE_PX), (x, axis.y(0)), TEXT, 1)
            (wide, _), _ = cv2.getTextSize(word, FONT, 0.42, 1)
            _write(canvas, word, (min(x + 4, WIDTH_PX - wide - 2), TITLE_PX + 12), TEXT)


def _write(canvas: Rgb, words: str, at: tuple[int, int], colour: Colour) -> None:
    """OpenCV's letters are ASCII: others become their nearest or a question mark."""
    plain = words.replace("–", "-").replace("×", "x").encode("ascii", "replace").decode()
    cv2.putText(canvas, plain[:150], at, FONT, 0.42, colour, 1, cv2.LINE_AA)
