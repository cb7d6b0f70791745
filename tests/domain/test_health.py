"""From looks to a fault: what one look says, and how many it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from balefire.domain.glance import COLUMNS, ROWS, Glance, likeness
from balefire.domain.health import FAULTY, LEARNT, WELL, Circumstances, Fault, Sight, View, judge

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
EDGES = Random(1).randbytes(COLUMNS * ROWS)
ELSEWHERE = Random(2).randbytes(COLUMNS * ROWS)
DAY = Circumstances(night=False)
USUAL = Glance(light=120, spread=200, burnt=0.02, structure=250, fine=0.2, grey=False, edges=EDGES)
BLACK = Glance(light=4, spread=8, burnt=0, structure=8, fine=1, grey=True, edges=EDGES)
LOOKS = {
    Fault.DARK: BLACK,
    Fault.OVEREXPOSED: replace(USUAL, light=255, spread=90, burnt=0.9),
    Fault.COVERED: replace(USUAL, structure=40),
    Fault.BLURRED: replace(USUAL, fine=0.05),
    Fault.TURNED: replace(USUAL, edges=ELSEWHERE),
}


def watched(*looks: Glance, sight: Sight | None = None, circumstances: Circumstances = DAY, every_s: float = 5) -> Sight:
    """After these looks, one every five seconds."""
    sight = sight or Sight()
    at = sight.at or START
    for seen in looks:
        at += timedelta(seconds=every_s)
        sight = sight.look(seen, at, circumstances)
    return sight


@pytest.fixture(scope="module")
def known() -> Sight:
    """A camera that was well for a minute and a half."""
    sight = watched(*[USUAL] * (LEARNT + 8))
    assert sight.fault is None
    return sight


@pytest.mark.parametrize("fault", LOOKS)
def test_a_fault_needs_five_looks_and_ends_with_four(known: Sight, fault: Fault) -> None:
    bad = LOOKS[fault]
    assert watched(*[bad] * (FAULTY - 1), sight=known).fault is None
    sight = watched(*[bad] * FAULTY, sight=known)
    assert sight.fault is fault
    assert known.at is not None
    assert sight.since == known.at + timedelta(seconds=5)
    assert sight.words
    assert watched(*[USUAL] * (WELL - 1), sight=sight).fault is fault
    assert watched(*[USUAL] * WELL, sight=sight).fault is None


def test_a_fault_holds_while_others_cannot_agree(known: Sight) -> None:
    """A bag in the wind: what was certain stays, though none of the newest looks says it."""
    sight = watched(*[LOOKS[Fault.BLURRED]] * FAULTY, sight=known)
    sight = watched(*[LOOKS[Fault.TURNED], LOOKS[Fault.COVERED]] * 6, sight=sight)
    assert sight.fault is Fault.BLURRED
    assert (sight.since, sight.words) == (None, "")


def test_a_lorry_that_passes_is_no_fault(known: Sight) -> None:
    assert watched(*([LOOKS[Fault.COVERED]] * 3 + [USUAL] * 3) * 5, sight=known).fault is None


def test_a_fault_teaches_nothing(known: Sight) -> None:
    sight = watched(*[LOOKS[Fault.BLURRED]] * 500, sight=known)
    assert sight.fault is Fault.BLURRED
    assert sight.views == known.views


def test_a_view_follows_what_changes_slowly(known: Sight) -> None:
    sight = known
    for step in range(600):  # fifty minutes in which the season, as it were, halves the detail
        sight = watched(replace(USUAL, fine=0.2 - 0.1 * step / 600), sight=sight)
        assert sight.fault is None
    assert sight.views[" day"].fine == pytest.approx(0.1, abs=0.02)


def test_the_night_is_dark_as_it_should_be(known: Sight) -> None:
    assert watched(*[BLACK] * 50, sight=known, circumstances=Circumstances(night=True)).fault is None


def test_where_the_sun_is_unknown_only_a_sudden_dark_is_a_fault() -> None:
    nobody_knows = Circumstances()
    sight = watched(*[USUAL] * 20, circumstances=nobody_knows)
    assert watched(*[BLACK] * FAULTY, sight=sight, circumstances=nobody_knows).fault is Fault.DARK
    for step in range(400):  # half an hour of dusk
        light = 120 * 0.98**step
        seen = replace(USUAL, light=light, spread=1.6 * light, structure=max(2.0 * light, 8))
        sight = watched(seen, sight=sight, circumstances=nobody_knows)
        assert sight.fault is None, step


def test_dusk_is_no_fault_and_a_morning_in_the_dark_is_one() -> None:
    sight = watched(*[USUAL] * 20)
    for step in range(400):
        light = 120 * 0.98**step
        seen = replace(USUAL, light=light, spread=1.6 * light, structure=max(2.0 * light, 8))
        sight = watched(seen, sight=sight, circumstances=Circumstances(night=False, twilight=True))
        assert sight.fault is None, step
    sight = watched(*[BLACK] * 40, sight=sight, circumstances=Circumstances(night=True))
    assert sight.fault is None
    assert watched(*[BLACK] * FAULTY, sight=sight).fault is Fault.DARK


def test_infrared_at_night_is_a_view_of_its_own(known: Sight) -> None:
    infrared = replace(USUAL, grey=True, light=60, structure=150, fine=0.1, edges=ELSEWHERE)
    sight = watched(*[infrared] * 40, sight=known, circumstances=Circumstances(night=True))
    assert sight.fault is None
    assert watched(*[USUAL] * 40, sight=sight).fault is None  # and the day's is still known


def test_a_fault_does_not_end_because_night_falls(known: Sight) -> None:
    turned = watched(*[LOOKS[Fault.TURNED]] * FAULTY, sight=known)
    assert (
        watched(*[replace(USUAL, light=60)] * 40, sight=turned, circumstances=Circumstances(night=True)).fault is Fault.TURNED
    )


def test_what_never_stands_still_cannot_have_turned() -> None:
    maps = [Random(seed).randbytes(COLUMNS * ROWS) for seed in range(60)]
    assert watched(*[replace(USUAL, edges=edges) for edges in maps]).fault is None


def test_a_moving_camera_has_no_view(known: Sight) -> None:
    drone = Circumstances(night=False, view=None)
    sight = watched(*[replace(USUAL, edges=ELSEWHERE, fine=0.01)] * 40, circumstances=drone)
    assert sight.fault is None
    assert sight.views == {}
    assert watched(*[BLACK] * FAULTY, sight=sight, circumstances=drone).fault is Fault.DARK


def test_a_turning_camera_has_a_view_for_each_preset(known: Sight) -> None:
    sight = Sight()
    for _ in range(20):
        sight = watched(USUAL, sight=sight, circumstances=Circumstances(night=False, view="north"))
        sight = watched(replace(USUAL, edges=ELSEWHERE), sight=sight, circumstances=Circumstances(night=False, view="south"))
    assert sight.fault is None
    assert sorted(sight.views) == ["north day", "south day"]


WAVES = [replace(USUAL, edges=Random(seed).randbytes(COLUMNS * ROWS)) for seed in range(40)]
HEAT, DRONE = Circumstances(night=False, thermal=True), Circumstances(night=False, view=None)


@pytest.mark.parametrize(
    ("seen", "circumstances", "unjudged"),
    [
        ([USUAL], DAY, []),
        ([replace(USUAL, structure=40)], DAY, [Fault.BLURRED, Fault.TURNED]),
        ([replace(USUAL, structure=10)], DAY, [Fault.COVERED, Fault.BLURRED, Fault.TURNED]),
        ([replace(USUAL, burnt=0.8, light=250)], HEAT, [Fault.DARK, Fault.OVEREXPOSED]),
        (WAVES, DAY, [Fault.TURNED]),
        ([USUAL], DRONE, [Fault.COVERED, Fault.BLURRED, Fault.TURNED]),
        ([BLACK], Circumstances(night=True), [Fault.COVERED, Fault.BLURRED, Fault.TURNED]),
    ],
    ids=["plain", "hazy", "flat", "heat", "waves", "drone", "night without light"],
)
def test_what_a_view_does_not_show_is_said(seen: list[Glance], circumstances: Circumstances, unjudged: list[Fault]) -> None:
    sight = watched(*seen * 40, circumstances=circumstances)
    assert sight.fault is None
    assert list(sight.unjudged(seen[-1], circumstances)) == unjudged


def test_what_is_said_not_to_be_told_is_not_told_and_the_rest_is() -> None:
    hazy = replace(USUAL, structure=40)
    sight = watched(*[hazy] * 40)
    assert watched(*[replace(hazy, fine=0.01, edges=ELSEWHERE)] * FAULTY, sight=sight).fault is None
    assert watched(*[replace(hazy, structure=5)] * FAULTY, sight=sight).fault is Fault.COVERED


def test_a_view_that_is_not_learnt_yet_judges_by_light_alone(known: Sight) -> None:
    assert watched(USUAL).unjudged(USUAL, DAY) == (Fault.COVERED, Fault.BLURRED, Fault.TURNED)
    assert known.unjudged(USUAL, DAY) == ()


def test_a_fault_that_holds_is_judged(known: Sight) -> None:
    hand = replace(USUAL, structure=5, light=10, spread=20)
    sight = watched(*[hand] * FAULTY, sight=known, circumstances=Circumstances())
    assert sight.fault is Fault.DARK
    assert Fault.DARK not in sight.unjudged(hand, Circumstances())


def test_heat_is_not_light() -> None:
    cold = replace(BLACK, structure=80, spread=25)
    assert judge(cold, View(), 1.0, None, Circumstances(night=False, thermal=True)) == (None, "")


def test_a_shake_is_not_a_turn() -> None:
    rows = [EDGES[row * COLUMNS : (row + 1) * COLUMNS] for row in range(ROWS)]
    shaken = b"".join(row[1:] + row[:1] for row in rows)
    far = b"".join(row[6:] + row[:6] for row in rows)
    assert likeness(EDGES, EDGES) == pytest.approx(1)
    assert likeness(EDGES, shaken) > 0.9
    assert likeness(EDGES, far) < 0.3
    assert likeness(bytes(COLUMNS * ROWS), EDGES) == 0.0
