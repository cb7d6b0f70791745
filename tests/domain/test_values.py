"""Values check themselves where they are born."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.access import ApiKey, key_text, matches, new_token, parse_key, sha256
from balefire.domain.camera import Camera, Position
from balefire.domain.clock import CameraClock
from balefire.domain.errors import BadInput
from balefire.domain.geometry import Box, inside
from tests.builders import at, detection

side = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).filter(lambda pair: pair[1] - pair[0] > 1e-6)
boxes = st.tuples(side, side).map(lambda sides: Box(sides[0][0], sides[1][0], sides[0][1], sides[1][1]))


@given(boxes, boxes)
def test_overlap_is_a_share_and_alike_from_both_sides(a: Box, b: Box) -> None:
    assert 0 <= a.iou(b) <= 1
    assert a.iou(b) == pytest.approx(b.iou(a))
    assert a.iou(a) == pytest.approx(1)


@pytest.mark.parametrize("corners", [(0.5, 0, 0.5, 1), (0, 0.6, 1, 0.5), (-0.1, 0, 1, 1), (0, 0, 1, 1.1)])
def test_a_box_lies_in_the_picture(corners: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="a box lies within"):
        Box(*corners)


def test_confidence_is_a_share() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        detection(sure=1.2)


@pytest.mark.parametrize(("point", "hit"), [((0.5, 0.5), True), ((0.9, 0.5), False), ((0.5, 0.05), False)])
def test_inside_a_triangle(point: tuple[float, float], hit: bool) -> None:
    assert inside(point, ((0.1, 0.9), (0.5, 0.1), (0.9, 0.9))) is hit


@pytest.mark.parametrize("camera_id", ["", "UPPER", "a b", "ä", "x" * 64, "a/b", "a\n"])
def test_an_id_is_a_slug(camera_id: str) -> None:
    with pytest.raises(BadInput):
        Camera(camera_id, "name")


@pytest.mark.parametrize("fields", [{"privacy_masks": (((0, 0), (1, 1)),)}, {"privacy_masks": (((0, 0), (1, 1), (2, 0)),)}])
def test_a_mask_has_three_corners_in_the_picture(fields: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        Camera("a", "name", **fields)


@pytest.mark.parametrize("place", [(181, 0), (0, 91)])
def test_a_position_is_on_the_globe(place: tuple[float, float]) -> None:
    with pytest.raises(BadInput):
        Position(*place)


@pytest.mark.parametrize(
    ("offsets", "skew"),
    [
        ([0, 0.5, -1], 0),
        ([3600, 3601], 3600),  # the future proves a fast clock at once
        ([3600, 0], 0),  # set right again
        ([-3600] * 4, 0),  # perhaps a backlog
        ([-3600] * 6, -3600),  # keeps its distance: a slow clock
        ([-3600, -3500, -3400, -3300, -3200, -3100], 0),  # a backlog that is caught up
    ],
)
def test_a_cameras_clock(offsets: list[float], skew: float) -> None:
    clock = CameraClock()
    for second, offset in enumerate(offsets):
        clock = clock.learn(at(second + offset), at(second))
    assert clock.skew_s == pytest.approx(skew)
    assert clock.correct(at(skew)) == at(0)


def test_a_burst_of_old_frames_is_a_backlog() -> None:
    clock = CameraClock()
    for number in range(9):
        clock = clock.learn(at(number * 0.01 - 600), at(number * 0.01))
    assert clock.skew_s == 0


def test_keys_open_by_their_whole_secret() -> None:
    secret = new_token()
    key = ApiKey("01J", "cam", sha256(secret), frozenset(), at(0))
    assert len(secret) == 43
    assert parse_key(key_text("01J", secret)) == ("01J", secret)
    assert matches(key, secret)
    assert not matches(key, secret[:-1] + "!")


@pytest.mark.parametrize("text", ["", "bf_", "bf_x", "bf_x_short", "xx_01J_" + "a" * 43, "a" * 43])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(BadInput):
        parse_key(text)
