"""An ignore zone: what it holds, when it ends, and how much of the view it takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.detection import Hazard
from balefire.domain.errors import BadInput
from balefire.domain.geometry import Box, Polygon
from balefire.domain.zone import LONGEST, IgnoreZone, ZoneState, check_end, check_shape, share
from tests.builders import at


def rectangle(x1: float, y1: float, x2: float, y2: float) -> Polygon:
    return ((x1, y1), (x2, y1), (x2, y2), (x1, y2))


MIDDLE = rectangle(0.3, 0.3, 0.6, 0.6)


@pytest.mark.parametrize(
    ("polygon", "box", "holds"),
    [
        (MIDDLE, (0.4, 0.4, 0.5, 0.5), True),
        (MIDDLE, (0.4, 0.2, 0.5, 0.5), False),  # it grew upwards
        (MIDDLE, (0.2, 0.2, 0.7, 0.7), False),  # it grew on every side
        (MIDDLE, (0.7, 0.7, 0.8, 0.8), False),
        (MIDDLE, (0.3, 0.3, 0.6, 0.6), True),
        (rectangle(0.8, 0.8, 1, 1), (0.9, 0.9, 1, 1), True),  # cut by the picture's edge
        (rectangle(0, 0, 0.2, 0.2), (0, 0, 0.1, 0.1), True),
    ],
)
def test_a_zone_holds_what_lies_in_it_and_not_what_grew_beyond(
    polygon: Polygon, box: tuple[float, float, float, float], holds: bool
) -> None:
    zone = IgnoreZone(polygon, "Li", "chimney", at(60))
    assert zone.ignores(Hazard.SMOKE, Box(*box), at(0)) is holds


def test_a_zone_holds_its_hazard_its_preset_and_its_time() -> None:
    zone = IgnoreZone(MIDDLE, "Li", "chimney", at(60), since=at(10), hazard=Hazard.SMOKE, preset="north")
    box = Box(0.4, 0.4, 0.5, 0.5)
    asked = [
        (Hazard.SMOKE, 10, "north"), (Hazard.SMOKE, 59, "north"),
        (Hazard.SMOKE, 9, "north"), (Hazard.SMOKE, 60, "north"), (Hazard.FLAME, 30, "north"), (Hazard.SMOKE, 30, "south"),
    ]  # fmt: skip
    assert [zone.ignores(hazard, box, at(second), preset) for hazard, second, preset in asked] == [True] * 2 + [False] * 4


def test_what_nobody_confirmed_ends_with_its_trial() -> None:
    zone = IgnoreZone(MIDDLE, "Li", "chimney", at(600), trial_until=at(60))
    assert [zone.state(at(second)) for second in (0, 59, 60, 700)] == [ZoneState.TRIAL] * 2 + [ZoneState.EXPIRED] * 2
    confirmed = zone.confirmed("Zhao", at(900))
    assert [confirmed.state(at(second)) for second in (60, 899, 900)] == [ZoneState.ACTIVE] * 2 + [ZoneState.EXPIRED]


@pytest.mark.parametrize("days", [-1, 0, LONGEST.days + 1])
def test_an_end_is_within_a_year(days: int) -> None:
    check_end(at(0), at(0) + LONGEST)
    with pytest.raises(BadInput, match="365 days"):
        check_end(at(0), at(0) + timedelta(days=days))


@pytest.mark.parametrize(
    "polygon", [(), MIDDLE[:2], rectangle(0.5, 0.5, 1.1, 0.9), ((0.1, 0.1), (0.2, 0.2), (0.3, 0.3)), MIDDLE * 9]
)
def test_what_is_no_shape_is_refused(polygon: Polygon) -> None:
    with pytest.raises(BadInput):
        check_shape(polygon)


@pytest.mark.parametrize(
    ("polygons", "expected"),
    [
        ([], 0.0),
        ([MIDDLE], 0.09),
        ([((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))], 0.5),
        ([MIDDLE, MIDDLE], 0.09),  # twice the same counts once
        ([rectangle(0, 0, 0.5, 0.5), rectangle(0.25, 0.25, 0.75, 0.75)], 0.25 + 0.25 - 0.0625),
        ([((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))], 0.75),  # their edges cross
        ([((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0))], 0.5),  # a bow tie
    ],
)
def test_the_share_of_the_view(polygons: list[Polygon], expected: float) -> None:
    assert share(polygons) == pytest.approx(expected)


sides = st.tuples(st.integers(0, 9), st.integers(1, 10)).filter(lambda pair: pair[0] < pair[1])
cells = st.lists(st.tuples(sides, sides), max_size=5)


@given(cells)
def test_the_share_of_rectangles_is_their_cells_counted_once(rectangles: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    covered = {(x, y) for (x1, x2), (y1, y2) in rectangles for x in range(x1, x2) for y in range(y1, y2)}
    drawn = [rectangle(x1 / 10, y1 / 10, x2 / 10, y2 / 10) for (x1, x2), (y1, y2) in rectangles]
    assert share(drawn) == pytest.approx(len(covered) / 100)
