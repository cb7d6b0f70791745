"""Who is looked at first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.detection import Hazard
from balefire.domain.geometry import Box
from balefire.domain.urgency import DOUBLINGS, grown, head_start, queues_at
from tests.builders import at

FLAME, SMOKE, WASTE = Hazard.FLAME, Hazard.SMOKE, Hazard.WASTE
SMALL, LARGE = Box(0.4, 0.4, 0.5, 0.5), Box(0.4, 0.4, 0.6, 0.6)
Seen = tuple[float, Hazard, float, list[Box]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0, FLAME, 0.5, [SMALL]), (0, WASTE, 1.0, [SMALL, LARGE])),  # the hazard before all else
        ((0, SMOKE, 0.9, [SMALL]), (0, FLAME, 0.5, [SMALL])),  # smoke waits behind no flame
        ((0, FLAME, 0.9, [SMALL]), (0, FLAME, 0.5, [SMALL])),
        ((0, FLAME, 0.5, [SMALL, LARGE]), (0, FLAME, 0.9, [SMALL])),  # four times as large
        ((0, FLAME, 0.5, [SMALL]), (60, FLAME, 0.5, [SMALL])),  # it has waited longer
        ((0, WASTE, 0.5, [SMALL]), (8 * 3600, FLAME, 0.5, [SMALL])),  # nothing is left behind for ever
        ((0, FLAME, 0.5, [SMALL]), (0, FLAME, 0.5, [LARGE, SMALL])),  # shrinking is no loss, and no gain
    ],
)
def test_what_comes_first(first: Seen, second: Seen) -> None:
    places = [queues_at(at(seconds), hazard, sure, boxes) for seconds, hazard, sure, boxes in (first, second)]
    assert places == sorted(places)


def test_one_box_that_is_off_is_no_growth() -> None:
    assert grown([SMALL, SMALL, SMALL, LARGE]) == pytest.approx(1)
    assert grown([SMALL, SMALL, LARGE, LARGE]) == pytest.approx(4)


@given(st.sampled_from(Hazard), st.floats(0, 1), st.floats(0, 1e9))
def test_a_head_start_has_an_end(hazard: Hazard, sure: float, times: float) -> None:
    assert timedelta(0) <= head_start(hazard, sure, times) <= timedelta(hours=8 + DOUBLINGS)
