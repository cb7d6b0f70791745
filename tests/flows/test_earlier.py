"""What was raised at the same place before: same camera, overlapping boxes or the same group, at most ten, newest first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.event import Event, EventState, Sighting
from balefire.flows.earlier import MOST, earlier
from tests.builders import at, camera, detection, event

HERE, BESIDE, FAR = (0.4, 0.4, 0.5, 0.5), (0.45, 0.45, 0.6, 0.6), (0.7, 0.7, 0.8, 0.8)


def raised(number: int, box: tuple[float, ...] = HERE, camera_id: str = "ridge", **fields: object) -> Event:
    """The number-th of its test: ids grow with it."""
    made = event(number, camera_id=camera_id)
    seen = [Sighting(one.frame, one.captured_at, detection(box=box)) for one in made.sightings]
    values = {"id": f"01J{number:023d}", "group": f"g{number}", "state": EventState.RAISED, "raised_at": at(number)}
    return replace(made, sightings=seen, **{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        (raised(1), True),
        (raised(1, BESIDE), True),
        (raised(1, FAR), False),
        (raised(1, FAR, group="g5"), True),
        (raised(1, camera_id="pier"), False),
        (raised(1, camera_id="pier", group="g5"), False),
        (raised(1, preset="west"), False),
        (raised(1, raised_at=None, state=EventState.CANDIDATE), False),
        (raised(9), False),  # later
    ],
)
def test_the_same_place_before(database: SqlDatabase, before: Event, found: bool) -> None:
    now = raised(5)
    with database.begin() as work:
        for name in ("ridge", "pier"):
            work.cameras.add(camera(name))
        for one in (before, now):
            work.events.add(one)
    with database.read() as work:
        assert [one.id for one in earlier(work, work.events.get(now.id))] == ([before.id] if found else [])


def test_at_most_ten_and_the_newest_first(database: SqlDatabase) -> None:
    every = [raised(number, FAR if number % 20 else HERE) for number in range(1, 280)]
    with database.begin() as work:
        work.cameras.add(camera())
        for one in every:
            work.events.add(one)
    with database.read() as work:
        last = work.events.get(raised(279).id)
        assert [one.id for one in earlier(work, last)] == [one.id for one in reversed(every[:-1])][:MOST]
        other = work.events.get(raised(260).id)
        assert [one.id for one in earlier(work, other)] == [raised(number).id for number in range(240, 40, -20)]
