"""When sightings become an event: tables of what was seen and what follows."""

from __future__ import annotations

import pytest
from ulid import ULID

from balefire.domain.detection import Hazard
from balefire.domain.event import Event, EventState, Sighting
from balefire.domain.policy import Policy
from tests.builders import at, detection, event

THREE_OF_FIVE = Policy(Hazard.SMOKE, sightings=3, frames=5, window_s=60, open_s=120)


def _judged(seen: list[float], frames: list[float], ignored: str | None = None) -> Event:
    """An event after these sightings, judged at each, among frames at these seconds."""
    known = event(seen[0])
    times = [at(second) for second in frames]
    known.judge(THREE_OF_FIVE, times, ignored)
    for second in seen[1:]:
        known.observe(Sighting(str(ULID()), at(second), detection()))
        known.judge(THREE_OF_FIVE, times, ignored)
    return known


@pytest.mark.parametrize(
    ("seen", "frames", "state", "reason"),
    [
        ([0], [0], "candidate", "1 of 1 frames in 0 s; 3 of 5 raise"),
        ([0, 1], [0, 1], "candidate", "2 of 2 frames in 1 s; 3 of 5 raise"),
        ([0, 1, 2], [0, 1, 2], "raised", "3 of 3 sightings in 2 s"),
        ([0, 2, 4], [0, 1, 2, 3, 4], "raised", "3 of 5 sightings in 4 s"),
        ([0, 3, 6], [0, 1, 2, 3, 4, 5, 6], "candidate", "2 of 5 frames in 3 s; 3 of 5 raise"),  # too thin
        ([0, 29, 61], [0, 29, 61], "candidate", "2 of 3 frames in 32 s; 3 of 5 raise"),  # too slow for the window
        ([0, 30, 60], [0, 30, 60], "raised", "3 of 3 sightings in 60 s"),
        ([2, 1, 0], [0, 1, 2], "raised", "3 of 3 sightings in 2 s"),  # late frames count by their own time
    ],
)
def test_k_of_n(seen: list[float], frames: list[float], state: str, reason: str) -> None:
    known = _judged(seen, frames)
    assert (known.state, known.reason) == (state, reason)


def test_it_raises_once() -> None:
    known = _judged([0, 1, 2], [0, 1, 2])
    raised_at = known.raised_at
    known.observe(Sighting(str(ULID()), at(3), detection()))
    assert not known.judge(THREE_OF_FIVE, [at(second) for second in range(4)])
    assert known.raised_at == raised_at == at(2)


def test_an_ignore_zone_says_why_it_did_not_raise() -> None:
    known = _judged([0, 1, 2], [0, 1, 2], ignored="chimney")
    assert known.state is EventState.CANDIDATE
    assert known.reason.endswith("ignored: chimney")


@pytest.mark.parametrize(
    ("seen", "now", "state", "reason"),
    [
        ([0, 1, 2], 122, "raised", "3 of 3 sightings in 2 s"),
        ([0, 1, 2], 123, "closed", "3 of 3 sightings in 2 s"),
        ([0, 1], 61, "candidate", "2 of 2 frames in 1 s; 3 of 5 raise"),
        ([0, 1], 62, "closed", "not raised: 2 of 2 frames in 1 s; 3 of 5 raise"),
    ],
)
def test_what_is_not_seen_any_more_closes(seen: list[float], now: float, state: str, reason: str) -> None:
    known = _judged(seen, seen)
    known.expire(THREE_OF_FIVE, at(now))
    assert (known.state, known.reason) == (state, reason)


@pytest.mark.parametrize(
    ("box", "fits"),
    [
        ((0.4, 0.4, 0.5, 0.5), True),
        ((0.45, 0.45, 0.55, 0.55), True),  # overlaps
        ((0.43, 0.47, 0.44, 0.48), True),  # small, but near the centre
        ((0.6, 0.6, 0.7, 0.7), False),
    ],
)
def test_which_detection_continues_an_event(box: tuple[float, ...], fits: bool) -> None:
    assert (event(0).fits(detection(box=box), THREE_OF_FIVE) > 0) is fits


@pytest.mark.parametrize("wrong", [{"sightings": 6}, {"sightings": 0}, {"window_s": 0}, {"open_s": -1}])
def test_a_policy_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="smoke"):
        Policy(**{"hazard": Hazard.SMOKE, "sightings": 3, "frames": 5, "window_s": 60, "open_s": 120, **wrong})  # type: ignore[arg-type]
