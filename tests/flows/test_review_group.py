"""One decision for all that waits at one place, on both databases; only the clock is a fake."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.access import Principal, Scope
from balefire.domain.errors import BadInput, UnknownGroup
from balefire.domain.event import EventState
from balefire.domain.review import DecidedMeanwhile, Reason, UndoRefused, Verdict, verdict_of
from balefire.flows.ports import Chosen
from balefire.flows.review import decide
from balefire.flows.review_group import decide_group, undo_group
from tests.builders import at, camera, event
from tests.fakes import FakeClock

LI, WANG = (Principal(name, frozenset({Scope.READ, Scope.REVIEW})) for name in ("li", "wang"))
STRANGER = Principal("zhao", frozenset({Scope.READ, Scope.REVIEW}), unit="01ELSE")
BOSS = Principal("boss", frozenset(Scope))


@pytest.fixture
def place(database: SqlDatabase) -> list[str]:
    """Ids of three events of one group; the first names it."""
    events = [event(second) for second in range(3)]
    with database.begin() as work:
        work.cameras.add(camera())
        for one in events:
            one.state, one.raised_at, one.group = EventState.RAISED, at(1), events[0].id
            work.events.add(one)
    return sorted(one.id for one in events)


def waiting(database: SqlDatabase) -> int:
    with database.read() as work:
        return work.queue.backlog(Chosen()).events


def changes(database: SqlDatabase) -> int:
    with database.read() as work:
        return len(work.changes.after(0, 100))


def test_all_are_decided_with_the_reason_and_each_is_told(database: SqlDatabase, place: list[str]) -> None:
    group = min(place)
    done = decide_group(database, FakeClock(at(5)), group, Verdict.FALSE, LI, Reason.FOG, "thick", dict.fromkeys(place, ""))
    assert [known.id for known, _ in done] == place
    assert {(r.verdict, r.reason, r.note, r.by, r.at) for _, (r,) in done} == {("false", "fog", "thick", "li", at(5))}
    assert (waiting(database), changes(database)) == (0, 3)


def test_where_one_was_decided_meanwhile_none_is(database: SqlDatabase, place: list[str]) -> None:
    decide(database, FakeClock(at(4)), place[2], Verdict.REAL, "wang")
    before = changes(database)
    with pytest.raises(DecidedMeanwhile, match="wang decided real"):
        decide_group(database, FakeClock(at(5)), min(place), Verdict.FALSE, LI, expects=dict.fromkeys(place, ""))
    assert (waiting(database), changes(database)) == (2, before)


def test_of_two_at_once_one_is_told(database: SqlDatabase, place: list[str]) -> None:
    together = Barrier(2)

    def press(by: Principal) -> bool:
        together.wait()
        try:
            decide_group(database, FakeClock(at(5)), min(place), Verdict.REAL, by, expects=dict.fromkeys(place, ""))
        except DecidedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(press, (LI, WANG))) == [False, True]
    assert changes(database) == 3


def test_what_came_since_goes_on_waiting(database: SqlDatabase, place: list[str]) -> None:
    decide_group(database, FakeClock(at(5)), min(place), Verdict.REAL, LI, expects=dict.fromkeys(place[:2], ""))
    assert waiting(database) == 1
    (only,) = decide_group(database, FakeClock(at(6)), min(place), Verdict.REAL, LI)  # all that still waits
    assert only[0].id == place[2]
    with pytest.raises(DecidedMeanwhile, match="nothing"):
        decide_group(database, FakeClock(at(7)), min(place), Verdict.REAL, LI)


def test_undo_takes_all_of_it_back(database: SqlDatabase, place: list[str]) -> None:
    done = decide_group(database, FakeClock(at(5)), min(place), Verdict.REAL, LI)
    with pytest.raises(UndoRefused, match="li decided this"):
        undo_group(database, FakeClock(at(6)), min(place), done[1][1][-1].id, WANG)
    with pytest.raises(UndoRefused, match="for 10 minutes"):
        undo_group(database, FakeClock(at(5 + 601)), min(place), done[1][1][-1].id, LI)
    assert waiting(database) == 0
    back = undo_group(database, FakeClock(at(5 + 600)), min(place), done[1][1][-1].id, BOSS)
    assert [verdict_of(reviews) for _, reviews in back] == [None, None, None]
    assert waiting(database) == 3


def test_undo_leaves_what_was_decided_by_itself_or_anew(database: SqlDatabase, place: list[str]) -> None:
    decide(database, FakeClock(at(4)), place[0], Verdict.FALSE, "li")
    done = decide_group(database, FakeClock(at(5)), min(place), Verdict.REAL, LI)
    decide(database, FakeClock(at(6)), place[2], Verdict.UNSURE, "wang")
    back = undo_group(database, FakeClock(at(7)), min(place), done[0][1][-1].id, LI)
    assert [known.id for known, _ in back] == [place[1]]
    with pytest.raises(UndoRefused, match="only the last"):
        undo_group(database, FakeClock(at(8)), min(place), done[0][1][-1].id, LI)


def test_what_is_not_of_the_group_or_not_theirs(database: SqlDatabase, place: list[str]) -> None:
    clock = FakeClock(at(5))
    with pytest.raises(BadInput, match="not one of group"):
        decide_group(database, clock, min(place), Verdict.REAL, LI, expects={place[0]: "", "01ELSE": ""})
    for group, by in (("01NONE", LI), (min(place), STRANGER)):
        with pytest.raises(UnknownGroup, match="no group"):
            decide_group(database, clock, group, Verdict.REAL, by)
    assert waiting(database) == 3
