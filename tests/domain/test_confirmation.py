"""What raises and what does not: tables of boxes and scores, one a second, and the reason that follows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from balefire.domain.camera import Camera, Kind, Mount
from balefire.domain.confirmation import Decision, decide
from balefire.domain.detection import Hazard
from balefire.domain.event import Event, EventState, Sighting
from balefire.domain.policy import Policies, Policy, Variant
from tests.builders import at, detection, event

Rows = Sequence[tuple[float, float, float, float]]  # second, score, side of the box, left edge

RULE = Policy(
    Hazard.SMOKE, sightings=3, frames=5, window_s=60, open_s=120, confidence=0.2, sure=0.6, plain=0.4, grown=1.5,
    steady_iou=0.9, steady_sightings=3, standing_s=10, regrown=2.0, forget_s=3600,
)  # fmt: skip


def sightings_of(rows: Rows) -> list[Sighting]:
    return [
        Sighting(f"f{second:g}", at(second), detection(box=(left, 0.4, left + side, 0.4 + side), sure=score))
        for second, score, side, left in rows
    ]


def _decided(rows: Rows, policy: Policy = RULE, **more: object) -> Decision:
    seen = sightings_of(rows)
    times = [at(second) for second in range(int(rows[-1][0]) + 1)]
    return decide(seen, policy, times, bool(more.get("standing")), more.get("ignored"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "reason", "said"),
    [
        ([(0, 0.5, 0.1, 0.4), (1, 0.5, 0.12, 0.4)], "few", "2 of 2 frames in 1 s; 3 of 5 raise"),
        ([(0, 0.5, 0.1, 0.4), (1, 0.5, 0.12, 0.4), (2, 0.5, 0.14, 0.4)], "seen", "grown to 2.0 times, 40% a frame"),
        ([(0, 0.7, 0.1, 0.4), (1, 0.5, 0.12, 0.4)], "sure", "2 of 2 sightings in 1 s"),
        ([(0, 0.99, 0.1, 0.4)], "few", "1 of 1 frames"),  # one alone never raises
        ([(0, 0.3, 0.1, 0.4), (1, 0.3, 0.11, 0.4), (2, 0.3, 0.1, 0.4)], "faint", "neither growing nor drifting"),
        ([(0, 0.3, 0.1, 0.4), (1, 0.3, 0.13, 0.4), (2, 0.3, 0.16, 0.4)], "seen", "grown to"),
        ([(0, 0.3, 0.1, 0.3), (1, 0.3, 0.11, 0.38), (2, 0.3, 0.1, 0.46)], "seen", "3 of 3"),  # drifted by its own size
        ([(0, 0.5, 0.1, 0.4), (1, 0.5, 0.1, 0.4), (2, 0.5, 0.1, 0.4)], "steady", "its boxes overlap by 100%"),
    ],
)
def test_what_a_policy_makes_of_it(rows: Rows, reason: str, said: str) -> None:
    decision = _decided(rows)
    assert (str(decision.reason), decision.raises) == (reason, reason in ("seen", "sure"))
    assert said in decision.words


def test_waste_has_to_stay() -> None:
    rule = Policy(Hazard.WASTE, sightings=3, frames=5, window_s=600, open_s=600, dwell_s=30)
    rows = [(second, 0.8, 0.1 + 0.01 * (second % 2), 0.4) for second in range(40)]
    assert str(_decided(rows[:5], rule).reason) == "short"
    assert str(_decided(rows, rule).reason) == "seen"


def test_an_ignore_zone_wins_over_everything_that_would_raise() -> None:
    rows = [(second, 0.9, 0.1 + 0.02 * second, 0.4) for second in range(4)]
    assert str(_decided(rows, ignored="chimney").reason) == "ignored"


def _watched(rows: Rows) -> Event:
    """An event that saw `rows`, judged after each, among a frame a second."""
    seen = sightings_of(rows)
    known = event(rows[0][0])
    known.sightings = seen[:1]
    for one in seen[1:]:
        known.observe(one)
        known.judge(RULE, [at(second) for second in range(int(rows[-1][0]) + 1)])
    return known


def test_a_lamp_becomes_standing_and_tells_nobody() -> None:
    known = _watched([(second, 0.5, 0.1, 0.4) for second in range(12)])
    assert (known.state, known.code, known.raised_at) == (EventState.STANDING, "standing", None)
    assert not known.expire(RULE, at(3000)), "what is always there is remembered for forget_s"
    assert known.expire(RULE, at(11 + 3601))
    assert known.reason.startswith("not raised: ")


def test_a_standing_thing_that_grows_is_raised() -> None:
    still = [(second, 0.5, 0.1, 0.4) for second in range(12)]
    known = _watched([*still, *((second, 0.5, 0.16, 0.4) for second in range(12, 15))])
    assert (known.state, known.code) == (EventState.RAISED, "changed")
    assert "2.6 times as large" in known.reason


def test_rules_differ_by_camera_and_by_night() -> None:
    plain, night, moving = (Policy(Hazard.FLAME, k, 9, 60, 120, confidence=k / 10) for k in (2, 3, 4))
    rules = Policies({
        (Hazard.FLAME, frozenset()): plain, (Hazard.FLAME, frozenset({Variant.NIGHT})): night,
        (Hazard.FLAME, frozenset({Variant.MOVING, Variant.THERMAL})): moving,
    })  # fmt: skip
    drone = Camera("drone", "drone", mount=Mount.MOVING, kind=Kind.THERMAL)
    fixed = Camera("mast", "mast")
    assert [rules.of(Hazard.FLAME, fixed), rules.of(Hazard.FLAME, fixed, dark=True)] == [plain, night]
    assert rules.of(Hazard.FLAME, drone) is moving
    assert rules.floor(Hazard.FLAME) == 0.2


def test_a_moving_camera_links_over_seconds_and_a_turning_one_within_a_preset() -> None:
    known = event(0)
    near = Policy(Hazard.SMOKE, 3, 5, 60, 120, link_s=5)
    assert known.fits(detection(), near, at(5)) > 0
    assert known.fits(detection(), near, at(6)) == 0
    assert known.fits(detection(), near, at(1), "north") == 0
    known.preset = "north"
    assert known.fits(detection(), near, at(1), "north") > 0


@pytest.mark.parametrize(
    "wrong", [{"confidence": 1.5}, {"steady_sightings": 1}, {"regrown": 1.0}, {"dwell_s": -1}, {"link_s": 0}]
)
def test_a_rule_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="smoke"):
        Policy(Hazard.SMOKE, sightings=3, frames=5, window_s=60, open_s=120, **wrong)  # type: ignore[arg-type]
