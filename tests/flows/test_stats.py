"""Figures from the database: of the cameras that one reaches, of the span that one asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from ulid import ULID

from balefire.adapters.database import SqlDatabase
from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.errors import BadInput
from balefire.domain.event import EventState
from balefire.domain.frame import Keep
from balefire.domain.review import Review, Verdict
from balefire.domain.units import Unit, UnitKind
from balefire.flows.ports import Work
from balefire.flows.rehearsal import StandStill
from balefire.flows.review import undo
from balefire.flows.stats import By, as_csv, as_json, figures, outcomes
from tests.builders import at, camera, event, frame

HUB, OAK = "01J" + "0" * 23, "01J" + "1" * 23


@pytest.fixture
def filled(database: SqlDatabase) -> SqlDatabase:
    """Two cameras; the one of the oak district raised a false alarm and another that waits, an hour apart."""
    with database.begin() as work:
        work.units.add_all([Unit(HUB, "hub", "Hub", UnitKind.HUB), Unit(OAK, "oak", "Oak", UnitKind.DISTRICT, HUB)])
        work.cameras.add(camera("ridge", unit=OAK))
        work.cameras.add(camera("pier", unit=HUB))
        for name in ("ridge", "pier"):
            for minute in range(30):
                work.frames.add(frame(60 * minute, camera=name, first_of_minute=True, picture=None, keep=None))
                work.frames.add(frame(60 * minute + 20, camera=name, picture=None, keep=None))
        for seconds in (0.0, 3600.0):
            raised = replace(event(seconds), state=EventState.RAISED, raised_at=at(seconds), code="seen")
            work.events.add(raised)
            if not seconds:
                decided(work, raised.id, Verdict.UNSURE, 30, "mist")
                decided(work, raised.id, Verdict.FALSE, 90, "lamp")
        work.events.add(event(10.0))  # never raised
    return database


def decided(work: Work, event_id: str, verdict: Verdict, seconds: float, reason: str) -> None:
    work.reviews.add(Review(str(ULID()), event_id, verdict, reason, "", f"{verdict} says", at(seconds)))


def test_what_became_of_events(filled: SqlDatabase) -> None:
    first, second = outcomes(filled, at(-1), at(7200), EVERYWHERE)
    assert (first.verdict, first.cause, first.decided_s, first.decided_by) == (Verdict.FALSE, "lamp", 30.0, "false says")
    assert (second.verdict, second.cause, second.decided_s) == (None, "", None)


def test_what_was_taken_back_is_not_counted(filled: SqlDatabase) -> None:
    first, _ = outcomes(filled, at(-1), at(7200), EVERYWHERE)
    with filled.read() as work:
        *_, last = work.reviews.of([first.event])[first.event]
    undo(filled, StandStill(at(120)), first.event, last.id, "false says")
    again, _ = outcomes(filled, at(-1), at(7200), EVERYWHERE)
    assert (again.verdict, again.cause, again.decided_by) == (Verdict.UNSURE, "mist", "unsure says")


@pytest.mark.parametrize(
    ("since", "until", "within", "events", "minutes"),
    [
        (-1, 7200, EVERYWHERE, 2, 60),
        (0, 3600, EVERYWHERE, 1, 60),  # the end is not part of it
        (600, 7200, EVERYWHERE, 1, 40),
        (-1, 7200, Reach(unit=OAK), 2, 30),
        (-1, 7200, Reach(camera="pier"), 0, 30),
        (-1, 7200, Reach(unit="01J" + "9" * 23), 0, 0),
    ],
)
def test_a_span_and_a_reach(filled: SqlDatabase, since: int, until: int, within: Reach, events: int, minutes: int) -> None:
    found = figures(filled, at(since), at(until), UTC, within)
    assert (found.total.events, round(found.total.camera_days * 1440)) == (events, minutes)


@pytest.mark.parametrize(("since", "until"), [(0, 0), (10, 0), (0, 367 * 86_400), (-60e9, -60e9 + 1), (235e9, 235e9 + 1)])
def test_a_span_that_is_none(filled: SqlDatabase, since: float, until: float) -> None:
    with pytest.raises(BadInput):
        figures(filled, at(since), at(until), UTC, EVERYWHERE)
    with pytest.raises(BadInput):
        outcomes(filled, at(since), at(until), EVERYWHERE)


def test_the_same_figures_as_json_and_csv(filled: SqlDatabase) -> None:
    found = figures(filled, at(-1), at(7200), UTC, EVERYWHERE)
    said = as_json(found, at(-1), at(7200), "UTC")
    assert said["total"]["false_alarms_per_camera_day"] == pytest.approx(1 / (60 / 1440), abs=0.001)
    assert said["by_cause"] == [{**said["by_cause"][0], "name": "lamp", "events": 1, "false": 1, "median_decided_s": 30.0}]
    lines = as_csv(found, By.CAMERA).removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("name,events,real,false,unsure,waiting,camera_days")
    assert lines[1:] == ["pier,0,0,0,0,0,0.021,0.0,", "ridge,2,0,1,0,1,0.021,48.0,30.0"]


@pytest.mark.parametrize("cause", ["=1+1", "+1", "-1", "@x"])
def test_a_table_runs_nothing(filled: SqlDatabase, cause: str) -> None:
    with filled.begin() as work:
        decided(work, outcomes(filled, at(3000), at(7200), EVERYWHERE)[0].event, Verdict.FALSE, 4000, cause)
    found = figures(filled, at(-1), at(7200), UTC, EVERYWHERE)
    assert f"\n'{cause}," in as_csv(found, By.CAUSE).replace("\r", "")


def test_the_newest_picture_that_is_still_there(filled: SqlDatabase) -> None:
    with filled.begin() as work:
        assert work.frames.newest_picture("ridge") is None
        kept, gone = frame(100, keep=Keep.REFERENCE), frame(200)
        work.frames.add(kept)
        work.frames.add(gone)
        assert work.frames.newest_picture("ridge") == gone
        work.frames.forget_pictures([gone.id])
        assert work.frames.newest_picture("ridge") == kept
        assert work.frames.newest_picture("pier") is None
