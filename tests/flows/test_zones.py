"""Zones are drawn, confirmed, end, come back and are let go; who looks at an event is known for seconds. On both databases."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.access import EVERYWHERE, ROLE_SCOPES, Principal, Reach, Role
from balefire.domain.camera import Mount
from balefire.domain.errors import BadInput, Conflict, UnknownEvent, UnknownZone
from balefire.domain.geometry import Polygon
from balefire.domain.zone import MOST, TRIAL, IgnoreZone, ZoneState
from balefire.flows import presence, zones
from tests.builders import at, camera, event, frame

SHAPE: Polygon = ((0.3, 0.3), (0.6, 0.3), (0.6, 0.6), (0.3, 0.6))
LI = Principal("Li", ROLE_SCOPES[Role.OPERATOR])
WANG = Principal("Wang", ROLE_SCOPES[Role.OPERATOR])
ZHAO = Principal("Zhao", ROLE_SCOPES[Role.COMMANDER])
ELSEWHERE = Principal("Qian", ROLE_SCOPES[Role.COMMANDER], camera="pier")
MONTH = at(0) + timedelta(days=30)


@pytest.fixture
def seen(database: SqlDatabase) -> str:
    """The id of an event."""
    return given(database)


def given(database: SqlDatabase, mount: Mount = Mount.FIXED) -> str:
    known = event(0)
    with database.begin() as work:
        work.cameras.add(camera(mount=mount))
        work.frames.add(frame(0))
        work.events.add(known)
    return known.id


def states(database: SqlDatabase, second: float) -> list[ZoneState]:
    with database.read() as work:
        return [one.zone.state(at(second)) for one in zones.listed(work, at(second), EVERYWHERE)]


def waiting(database: SqlDatabase, second: float, within: Reach = EVERYWHERE) -> int:
    with database.read() as work:
        return zones.waiting(work, at(second), within)


def test_what_an_operator_draws_holds_for_a_day_and_waits_to_be_confirmed(database: SqlDatabase, seen: str) -> None:
    zone = zones.draw(database, at(0), seen, SHAPE, MONTH, " chimney ", LI).zone
    assert (zone.owner, zone.reason, zone.hazard, zone.event, zone.ends_at) == ("Li", "chimney", "smoke", seen, at(0) + TRIAL)
    assert (states(database, 1), waiting(database, 1)) == ([ZoneState.TRIAL], 1)
    assert states(database, 90_000) == [ZoneState.EXPIRED]
    zones.renew(database, at(2), zone.id, MONTH, ZHAO)
    assert (states(database, 90_000), waiting(database, 90_000)) == ([ZoneState.ACTIVE], 0)
    with database.read() as work:
        told = {entry.act.what: (entry.act.who, json.loads(entry.act.after)) for entry in work.audit.page()}
    assert told["zone.draw"][0] == "Li"
    assert (told["zone.renew"][0], told["zone.renew"][1]["confirmed_by"]) == ("Zhao", "Zhao")


def test_what_a_commander_draws_holds_to_its_end_comes_back_and_is_let_go(database: SqlDatabase, seen: str) -> None:
    zone = zones.draw(database, at(0), seen, SHAPE, at(60), "chimney", ZHAO).zone
    assert (states(database, 1), states(database, 60)) == ([ZoneState.ACTIVE], [ZoneState.EXPIRED])
    renewed = zones.renew(database, at(100), zone.id, at(200), ZHAO).zone
    assert (renewed.since, states(database, 199)) == (at(100), [ZoneState.ACTIVE])
    zones.let_go(database, at(150), zone.id, LI)
    assert states(database, 150) == []
    with pytest.raises(UnknownZone):
        zones.let_go(database, at(151), zone.id, LI)
    with database.read() as work:
        newest = work.audit.page(limit=1)[0].act
    assert (newest.what, json.loads(newest.before)["reason"], newest.after) == ("zone.let_go", "chimney", "")


def test_what_is_out_of_reach_is_unknown(database: SqlDatabase, seen: str) -> None:
    zone = zones.draw(database, at(0), seen, SHAPE, MONTH, "chimney", LI).zone
    with pytest.raises(UnknownEvent):
        zones.draw(database, at(0), seen, SHAPE, MONTH, "chimney", ELSEWHERE)
    with pytest.raises(UnknownZone):
        zones.renew(database, at(0), zone.id, MONTH, ELSEWHERE)
    with pytest.raises(UnknownZone):
        zones.let_go(database, at(0), zone.id, ELSEWHERE)
    assert waiting(database, 0, ELSEWHERE.reach) == 0


def test_a_camera_has_so_many_zones_and_a_flying_one_none(database: SqlDatabase) -> None:
    flying = given(database, Mount.MOVING)
    with pytest.raises(BadInput, match="flying"):
        zones.draw(database, at(0), flying, SHAPE, MONTH, "chimney", LI)
    full = tuple(IgnoreZone(SHAPE, "Li", "chimney", MONTH, f"{n}") for n in range(MOST))
    with database.begin() as work:
        work.cameras.save(camera(ignore_zones=full))
    with pytest.raises(Conflict, match="let one go"):
        zones.draw(database, at(0), flying, SHAPE, MONTH, "chimney", LI)


def test_two_who_look_see_each_other_until_one_leaves_or_falls_silent(database: SqlDatabase, seen: str) -> None:
    def look(second: float, who: Principal, seat: str) -> list[str]:
        return [one.name for one in presence.look(database, at(second), seen, seat, who)]

    assert look(0, LI, "a") == []
    assert look(1, LI, "b") == []  # the same person, in another window
    assert look(2, WANG, "c") == ["Li"]
    assert look(3, LI, "a") == ["Wang"]
    presence.leave(database, seen, "c", LI)  # not theirs
    assert look(4, LI, "a") == ["Wang"]
    presence.leave(database, seen, "c", WANG)
    assert look(5, LI, "a") == []
    assert look(6, WANG, "c") == ["Li"]
    assert look(35, LI, "a") == ["Wang"]
    assert look(36, LI, "a") == []
    with pytest.raises(UnknownEvent):
        look(37, ELSEWHERE, "d")
    with database.read() as work:
        assert work.audit.page() == []
        assert [one.seat for one in work.presence.of(seen, at(0))] == ["a"]
