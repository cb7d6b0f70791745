"""What waits, by group and by urgency, page by page, on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.access import Reach
from balefire.domain.detection import Hazard
from balefire.domain.errors import NotFound
from balefire.domain.event import Event, EventState, Sighting
from balefire.domain.review import Review, Verdict
from balefire.domain.units import Unit, UnitKind
from balefire.flows.ports import Chosen, QueueFilter, View
from tests.builders import at, camera, detection, event

FLAME, SMOKE, WASTE = Hazard.FLAME, Hazard.SMOKE, Hazard.WASTE
HUB = Unit("01HUB", "city", "City", UnitKind.HUB, None)
TOWN = Unit("01TOWN", "town", "Town", UnitKind.TOWNSHIP, "01HUB")


def raised(seconds: float, hazard: Hazard = SMOKE, camera_id: str = "ridge", group: str | None = None) -> Event:
    known = event(seconds, hazard=hazard, camera_id=camera_id)
    known.state, known.raised_at, known.group = EventState.RAISED, at(seconds), group or known.id
    known.observe(Sighting("later", at(seconds + 1), detection(hazard)))
    return known


@pytest.fixture
def queue(database: SqlDatabase) -> list[Event]:
    """By urgency: smoke on the ridge, with waste of its group; smoke and flame in the valley; waste."""
    first = raised(0)
    known = [
        first, raised(5, SMOKE, "valley"), raised(6, FLAME, "valley"), raised(1, WASTE), raised(2, WASTE, group=first.group)
    ]  # fmt: skip
    candidate, decided = event(3), raised(4)
    with database.begin() as work:
        work.units.add_all([HUB, TOWN])
        work.cameras.add(camera(unit="01HUB"))
        work.cameras.add(camera("valley", unit="01TOWN"))
        for one in (*known, candidate, decided):
            work.events.add(one)
        work.reviews.add(Review("01R", decided.id, Verdict.REAL, "", "", "li", at(9)))
    return known


def groups(database: SqlDatabase, **wanted: object) -> list[str]:
    with database.read() as work:
        return [row.group for row in work.queue.page(QueueFilter(**wanted))]  # type: ignore[arg-type]


def test_a_row_a_group_the_most_urgent_first(database: SqlDatabase, queue: list[Event]) -> None:
    with database.read() as work:
        rows = work.queue.page(QueueFilter())
        backlog = work.queue.backlog(Chosen())
    assert [[one.id for one in row.events] for row in rows] == [
        [queue[0].id, queue[4].id], [queue[1].id], [queue[2].id], [queue[3].id],
    ]  # fmt: skip
    assert [row.queue_at for row in rows] == [one.queue_at for one in queue[:4]]
    assert (backlog.groups, backlog.events, backlog.oldest_at) == (4, 5, at(0))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_fit_together(database: SqlDatabase, queue: list[Event], limit: int) -> None:
    found: list[str] = []
    after: tuple[datetime, str] | None = None
    with database.read() as work:
        while rows := work.queue.page(QueueFilter(after=after, limit=limit)):
            found += [row.group for row in rows]
            after = (rows[-1].queue_at, rows[-1].group)
    assert found == [one.group for one in queue[:4]]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Chosen(hazards=(FLAME,)), [2]),
        (Chosen(hazards=(WASTE,)), [0, 3]),  # the whole group of the first: deciding it decides all of it
        (Chosen(hazards=(SMOKE, FLAME)), [0, 1, 2]),
        (Chosen(cameras=("valley",)), [1, 2]),
        (Chosen(unit="01HUB"), [0, 1, 2, 3]),
        (Chosen(unit="01TOWN"), [1, 2]),
        (Chosen(states=(EventState.CLOSED,)), []),
        (Chosen(since=at(1), until=at(6)), [0, 1, 3]),
        (Chosen(hazards=(FLAME,), cameras=("ridge",)), []),
    ],
)
def test_filters_choose_rows(database: SqlDatabase, queue: list[Event], chosen: Chosen, expected: list[int]) -> None:
    assert groups(database, chosen=chosen) == [queue[one].group for one in expected]
    with database.read() as work:
        assert work.queue.backlog(chosen).groups == len(expected)


def test_a_unit_reaches_its_own_rows(database: SqlDatabase, queue: list[Event]) -> None:
    assert groups(database, within=Reach(unit="01TOWN")) == [queue[1].group, queue[2].group]
    with database.read() as work:
        assert work.queue.backlog(Chosen(), Reach(unit="01TOWN")).groups == 2


def test_what_grows_moves_up_and_never_down(database: SqlDatabase, queue: list[Event]) -> None:
    with database.begin() as work:
        (listed,) = [one for row in work.queue.page(QueueFilter()) for one in row.events if one.id == queue[2].id]
        for second, size in ((7, 0.9), (8, 0.9), (9, 0.9), (10, 0.42), (11, 0.42), (12, 0.42)):
            listed.observe(Sighting(f"s{second}", at(second), detection(FLAME, (0.4, 0.4, size, size))))
        work.events.save(listed)
    assert groups(database)[0] == queue[2].group


def test_views_are_their_owners(database: SqlDatabase) -> None:
    with database.begin() as work:
        for owner, name, address in (("li", "b", "1"), ("li", "a", "2"), ("wang", "a", "3"), ("li", "b", "4")):
            work.views.save(View(owner, name, address))
    with database.begin() as work:
        assert [(view.name, view.address) for view in work.views.of("li")] == [("a", "2"), ("b", "4")]
        work.views.remove("li", "a")
        with pytest.raises(NotFound):
            work.views.remove("li", "a")
    with database.read() as work:
        assert [view.name for view in work.views.of("li")] == ["b"]
        assert len(work.views.of("wang")) == 1
