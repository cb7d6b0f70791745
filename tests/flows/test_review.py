"""Deciding, deciding at once, and taking back, on both databases; only the clock is a fake."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadInput
from balefire.domain.geometry import Box
from balefire.domain.review import DecidedMeanwhile, Reason, ReviewBox, UndoRefused, Verdict, counting, verdict_of
from balefire.flows.ports import EventFilter
from balefire.flows.review import decide, undo
from tests.builders import at, camera, event, frame
from tests.fakes import FakeClock

TEN_MINUTES = 600


@pytest.fixture
def waiting(database: SqlDatabase) -> str:
    known = event(0)
    with database.begin() as work:
        work.cameras.add(camera())
        work.events.add(known)
    return known.id


def _waits(database: SqlDatabase) -> bool:
    with database.read() as work:
        return bool(work.events.page(EventFilter(reviewed=False)))


def test_what_is_taken_back_waits_again_and_both_rows_stay(database: SqlDatabase, waiting: str) -> None:
    _, (review,) = decide(database, FakeClock(at(1)), waiting, Verdict.FALSE, "li", Reason.FOG)
    assert not _waits(database)
    _, reviews = undo(database, FakeClock(at(1 + TEN_MINUTES)), waiting, review.id, "li")
    assert [(one.by, one.undoes) for one in reviews] == [("li", None), ("li", review.id)]
    assert counting(reviews) == []
    assert _waits(database)
    with database.read() as work:
        assert work.reviews.of([waiting])[waiting] == reviews


def test_the_decision_before_counts_again(database: SqlDatabase, waiting: str) -> None:
    decide(database, FakeClock(at(1)), waiting, Verdict.REAL, "wang")
    _, reviews = decide(database, FakeClock(at(2)), waiting, Verdict.FALSE, "li")
    _, reviews = undo(database, FakeClock(at(3)), waiting, reviews[-1].id, "li")
    assert verdict_of(reviews) == Verdict.REAL
    assert not _waits(database)


@pytest.mark.parametrize(
    ("by", "commands", "seconds", "why"),
    [
        ("wang", False, 2, "li decided this"),
        ("li", False, 2 + TEN_MINUTES, "for 10 minutes"),
        ("wang", True, 2 + TEN_MINUTES, "for 10 minutes"),
        ("wang", True, 2, ""),
    ],
)
def test_who_may_take_back_and_until_when(
    database: SqlDatabase, waiting: str, by: str, commands: bool, seconds: int, why: str
) -> None:
    _, (review,) = decide(database, FakeClock(at(1)), waiting, Verdict.FALSE, "li")
    if why:
        with pytest.raises(UndoRefused, match=why):
            undo(database, FakeClock(at(seconds)), waiting, review.id, by, commands)
    else:
        undo(database, FakeClock(at(seconds)), waiting, review.id, by, commands)
    assert _waits(database) is (why == "")


def test_only_the_last_that_counts_is_taken_back_and_once(database: SqlDatabase, waiting: str) -> None:
    _, (first,) = decide(database, FakeClock(at(1)), waiting, Verdict.FALSE, "li")
    _, (_, second) = decide(database, FakeClock(at(2)), waiting, Verdict.REAL, "li")
    with pytest.raises(UndoRefused, match="only the last"):
        undo(database, FakeClock(at(3)), waiting, first.id, "li")
    undo(database, FakeClock(at(3)), waiting, second.id, "li")
    with pytest.raises(UndoRefused, match="only the last"):
        undo(database, FakeClock(at(4)), waiting, second.id, "li")


def test_who_expects_what_was_there_is_told_what_came(database: SqlDatabase, waiting: str) -> None:
    _, (review,) = decide(database, FakeClock(at(1)), waiting, Verdict.FALSE, "li", expects="")
    with pytest.raises(DecidedMeanwhile, match="li decided false at"):
        decide(database, FakeClock(at(2)), waiting, Verdict.REAL, "wang", expects="")
    _, reviews = decide(database, FakeClock(at(3)), waiting, Verdict.REAL, "wang", expects=review.id)
    assert verdict_of(reviews) == Verdict.REAL


def test_of_two_at_once_one_wins_and_one_is_told(database: SqlDatabase, waiting: str) -> None:
    start = Barrier(2)

    def press(by: str) -> str:
        start.wait(timeout=10)
        try:
            decide(database, FakeClock(at(1)), waiting, Verdict.REAL, by, expects="")
        except DecidedMeanwhile as refused:
            return str(refused).split()[0]
        return by

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(press, ("li", "wang")))
    with database.read() as work:
        (review,) = work.reviews.of([waiting])[waiting]
    assert answers == [review.by, review.by]


def test_boxes_are_kept_with_the_frames_they_are_whole_for(database: SqlDatabase, waiting: str) -> None:
    shown = [frame(second) for second in range(3)]
    with database.begin() as work:
        for one in shown:
            work.frames.add(one)
        work.events.link_frames(waiting, [one.id for one in shown])
    first, empty, untouched = (one.id for one in shown)
    boxes = [ReviewBox(first, Hazard.SMOKE, Box(0.1, 0.1, 0.2, 0.2))]
    _, (review,) = decide(database, FakeClock(at(1)), waiting, Verdict.REAL, "li", boxes=boxes, frames=[empty])
    assert set(review.frames) == {first, empty}
    with database.read() as work:
        assert work.reviews.of([waiting])[waiting] == [review]
    assert untouched not in review.frames
    for foreign in ({"boxes": [ReviewBox("nope", Hazard.SMOKE, Box(0, 0, 1, 1))]}, {"frames": [first, "nope"]}):
        with pytest.raises(BadInput, match="frame nope is not one"):
            decide(database, FakeClock(at(2)), waiting, Verdict.REAL, "li", **foreign)
