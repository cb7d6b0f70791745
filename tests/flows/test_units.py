"""The tree in a real database: imports, moves, and who reaches what, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.access import EVERYWHERE, HOUSE, Principal, Reach, Role, Scope
from balefire.domain.camera import Camera
from balefire.domain.errors import BadInput, Conflict, NotFound, OutOfReach, UnknownCamera, UnknownUnit
from balefire.domain.fleet import read_csv as read_fleet
from balefire.domain.unit_table import read_csv
from balefire.domain.units import Unit, UnitKind
from balefire.flows import people
from balefire.flows.access import key_principal, require_camera, session_principal, sign_in
from balefire.flows.cameras import add_camera, change_camera
from balefire.flows.fleet import import_fleet
from balefire.flows.ports import EventFilter
from balefire.flows.units import Imported, add_unit, change_unit, import_units
from tests.builders import NOON, at, camera, event

TREE = """code,name,kind,parent
jindaoxia,Jindaoxia,township,beibei
cq,City hub,hub,
beibei,Beibei,district,cq
wuxi,Wuxi,district,cq
fire,Fire brigade,fire_brigade,cq
"""


def anything(_: Camera) -> None:
    return


@pytest.fixture
def units(database: SqlDatabase) -> dict[str, str]:
    """Code → id of a small city."""
    import_units(database, NOON, read_csv(TREE))
    with database.read() as work:
        return {unit.code: unit.id for unit in work.units.page()}


def of(unit: str, *scopes: Scope) -> Principal:
    return Principal("wang", frozenset(scopes or Scope), unit=unit)


def test_a_tree_is_imported_once_however_often(database: SqlDatabase) -> None:
    assert import_units(database, NOON, read_csv(TREE)) == Imported(5, 0, 0)
    assert import_units(database, NOON, read_csv(TREE)) == Imported(0, 0, 5)
    assert import_units(database, NOON, read_csv(TREE.replace("Wuxi,", "Wuxi County,"))) == Imported(0, 1, 4)
    assert import_units(database, NOON, read_csv("code,name,kind,parent\nnew,N,township,wuxi\n")) == Imported(1, 0, 0)
    with database.read() as work:
        assert [unit.code for unit in work.units.page()] == ["beibei", "cq", "fire", "jindaoxia", "new", "wuxi"]
        assert work.units.get("wuxi").name == "Wuxi County"
        changed = work.audit.page(what="unit.change")
        assert [(entry.act.before, entry.act.after) for entry in changed] == [('{"name": "Wuxi"}', '{"name": "Wuxi County"}')]


def test_one_orphan_or_loop_and_nothing_is_changed(database: SqlDatabase, units: dict[str, str]) -> None:
    head = "code,name,kind,parent\n"
    for rows, said in [
        ("new,N,district,cq\nlost,L,township,gone\n", "line 3"),
        ("beibei,B,district,jindaoxia\n", "line 2: a loop"),
    ]:
        with pytest.raises(BadInput, match=said):
            import_units(database, NOON, read_csv(head + rows))
    with database.read() as work:
        assert {unit.code: unit.id for unit in work.units.page()} == units


def test_what_a_unit_reaches_is_itself_and_all_below(database: SqlDatabase, units: dict[str, str]) -> None:
    with database.read() as work:
        reached = {code: {unit.code for unit in work.units.page(Reach(unit=unit_id))} for code, unit_id in units.items()}
        assert reached == {
            "cq": set(units), "beibei": {"beibei", "jindaoxia"}, "jindaoxia": {"jindaoxia"}, "wuxi": {"wuxi"}, "fire": {"fire"},
        }  # fmt: skip
        assert work.units.page(Reach(unit="unknown")) == []
        assert work.units.page(Reach(camera="ridge")) == []
        assert work.units.get("beibei").id == work.units.get(units["beibei"]).id
        with pytest.raises(UnknownUnit):
            work.units.get("wuxi", Reach(unit=units["beibei"]))


def test_a_moved_unit_is_seen_from_its_new_place(database: SqlDatabase, units: dict[str, str]) -> None:
    change_unit(database, NOON, "jindaoxia", parent="wuxi")
    with database.read() as work:
        assert {unit.code for unit in work.units.page(Reach(unit=units["wuxi"]))} == {"wuxi", "jindaoxia"}
    with pytest.raises(BadInput, match="a loop"):
        change_unit(database, NOON, "wuxi", parent="jindaoxia")
    with pytest.raises(BadInput, match="a loop"):
        change_unit(database, NOON, "wuxi", parent="wuxi")
    with pytest.raises(BadInput, match="a loop"):
        change_unit(database, NOON, "cq", parent="fire")
    with pytest.raises(BadInput, match="a hub has no parent"):
        change_unit(database, NOON, "wuxi", kind=UnitKind.HUB)


def test_two_moves_at_once_make_no_loop(database: SqlDatabase, units: dict[str, str]) -> None:
    def move(pair: tuple[str, str]) -> bool:
        try:
            change_unit(database, NOON, pair[0], parent=pair[1])
        except BadInput:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        moved = list(threads.map(move, [("wuxi", "fire"), ("fire", "wuxi")]))
    assert sorted(moved) == [False, True]


def test_units_of_others_cannot_be_touched(database: SqlDatabase, units: dict[str, str]) -> None:
    beibei = of(units["beibei"])
    assert add_unit(database, NOON, "caijia", "Caijia", UnitKind.TOWNSHIP, "beibei", beibei).parent == units["beibei"]
    attempts: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: add_unit(database, NOON, "x", "X", UnitKind.TOWNSHIP, "wuxi", beibei), UnknownUnit),
        (lambda: add_unit(database, NOON, "x", "X", UnitKind.HUB, None, beibei), OutOfReach),
        (lambda: add_unit(database, NOON, "wuxi", "X", UnitKind.TOWNSHIP, "beibei", beibei), Conflict),
        (lambda: change_unit(database, NOON, "wuxi", beibei, name="X"), UnknownUnit),
        (lambda: change_unit(database, NOON, "jindaoxia", beibei, parent="wuxi"), UnknownUnit),
        (lambda: change_unit(database, NOON, "beibei", beibei, parent="jindaoxia"), OutOfReach),
        (lambda: import_units(database, NOON, read_csv(TREE), beibei), OutOfReach),
    ]
    for refused, error in attempts:
        with pytest.raises(error):
            refused()


def test_cameras_belong_to_a_unit(database: SqlDatabase, units: dict[str, str]) -> None:
    beibei = of(units["beibei"])
    add_camera(database, NOON, camera("ridge", unit="jindaoxia"), anything)
    assert add_camera(database, NOON, camera("own"), anything, beibei).unit == units["beibei"]
    add_camera(database, NOON, camera("far", unit=units["wuxi"]), anything)
    add_camera(database, NOON, camera("nobodys"), anything)
    with database.read() as work:
        assert [one.id for one in work.cameras.all(within=Reach(unit=units["beibei"]))] == ["own", "ridge"]
        assert [one.id for one in work.cameras.all(within=Reach(unit=units["cq"]))] == ["far", "own", "ridge"]
        assert [one.id for one in work.cameras.all(within=Reach("ridge", units["beibei"]))] == ["ridge"]
        assert work.cameras.all(within=Reach("far", units["beibei"])) == []
        assert work.cameras.reached(["far", "own", "gone"], Reach(unit=units["beibei"])) == {"own"}
        assert work.units.camera_counts() == {units["jindaoxia"]: 1, units["beibei"]: 1, units["wuxi"]: 1}
        require_camera(work, beibei, "ridge")
        for hidden in ("far", "nobodys", "gone"):
            with pytest.raises(UnknownCamera, match=f"^no camera {hidden}$"):
                require_camera(work, beibei, hidden)
    for values, by, error in [
        ({"unit": "wuxi"}, beibei, BadInput),
        ({"unit": None}, beibei, OutOfReach),
        ({"unit": "gone"}, HOUSE, BadInput),
        ({"unit": "beibei"}, Principal("key", frozenset(Scope), camera="ridge"), OutOfReach),
    ]:
        with pytest.raises(error):
            change_camera(database, NOON, "ridge", cast(Mapping[str, object], values), anything, by)
    with pytest.raises(UnknownCamera):
        change_camera(database, NOON, "far", {"name": "x"}, anything, beibei)
    with pytest.raises(OutOfReach):
        add_camera(database, NOON, camera("new"), anything, Principal("key", frozenset(Scope), camera="ridge"))
    assert change_camera(database, NOON, "ridge", {"unit": None}, anything).unit is None


def test_a_table_of_cameras_names_units_by_code(database: SqlDatabase, units: dict[str, str]) -> None:
    table = f"id,unit\na,beibei\nb,{units['wuxi']}\nc,\n"
    import_fleet(database, NOON, read_fleet(table), anything)
    with database.read() as work:
        assert [one.unit for one in work.cameras.all()] == [units["beibei"], units["wuxi"], None]
    assert import_fleet(database, NOON, read_fleet(table), anything).same == 3
    with pytest.raises(BadInput, match="line 3: camera b: no unit gone"):
        import_fleet(database, NOON, read_fleet("id,unit\na,\nb,gone\n"), anything)


def test_events_are_those_of_the_reached_cameras(database: SqlDatabase, units: dict[str, str]) -> None:
    with database.begin() as work:
        for name, unit in [("ridge", "beibei"), ("far", "wuxi"), ("nobodys", "")]:
            work.cameras.add(camera(name, unit=units.get(unit)))
            seen = event(1, camera_id=name)
            work.events.add(seen)
    with database.read() as work:
        for reach, expected in [
            (Reach(), {"ridge", "far", "nobodys"}),
            (Reach(unit=units["cq"]), {"ridge", "far"}),
            (Reach(unit=units["beibei"]), {"ridge"}),
            (Reach(camera="far"), {"far"}),
            (Reach("far", units["beibei"]), set()),
            (Reach(unit="unknown"), set()),
        ]:
            assert {one.camera for one in work.events.page(EventFilter(within=reach))} == expected
        assert work.events.page(EventFilter(camera="far", within=Reach(unit=units["beibei"]))) == []


def test_a_key_never_reaches_further_than_its_maker(database: SqlDatabase, units: dict[str, str]) -> None:
    beibei = of(units["beibei"])
    for name, unit in [("ridge", "beibei"), ("far", "wuxi")]:
        add_camera(database, NOON, camera(name, unit=unit), anything)

    def made(by: Principal, camera: str | None = None, unit: str | None = None) -> tuple[str | None, str | None]:
        holder = key_principal(database, people.create_key(database, NOON, "k", [Scope.FRAMES], camera, unit, by))
        assert holder is not None
        return holder.camera, holder.unit

    one_camera = Principal("key", frozenset(Scope), camera="ridge")
    assert made(HOUSE) == (None, None)
    assert made(HOUSE, unit="wuxi") == (None, units["wuxi"])
    assert made(beibei) == (None, units["beibei"])
    assert made(beibei, unit="jindaoxia") == (None, units["jindaoxia"])
    assert made(beibei, camera="ridge") == ("ridge", units["beibei"])
    assert made(one_camera) == ("ridge", None)
    for refused in [
        lambda: made(beibei, unit="wuxi"),
        lambda: made(beibei, camera="far"),
        lambda: made(one_camera, camera="far"),
        lambda: made(one_camera, unit="beibei"),
        lambda: made(HOUSE, unit="gone"),
    ]:
        with pytest.raises((BadInput, UnknownCamera)):
            cast(Callable[[], object], refused)()
    with database.read() as work:
        theirs = work.people.keys(beibei.reach)
        assert {(key.camera, key.unit) for key in theirs} == {
            (None, units["beibei"]), (None, units["jindaoxia"]), ("ridge", units["beibei"]), ("ridge", None),
        }  # fmt: skip
        everybodys = [key.id for key in work.people.keys(EVERYWHERE) if key not in theirs]
    for key_id in everybodys:
        with pytest.raises(NotFound):
            people.revoke_key(database, NOON, key_id, beibei)
    people.revoke_key(database, NOON, theirs[0].id, beibei)


def test_users_are_managed_from_above(database: SqlDatabase, units: dict[str, str]) -> None:
    beibei = of(units["beibei"])
    assert people.add_user(database, NOON, "own", Role.OPERATOR, by=beibei).unit == units["beibei"]
    people.add_user(database, NOON, "below", Role.OPERATOR, unit="jindaoxia", by=beibei)
    people.add_user(database, NOON, "far", Role.OPERATOR, unit="wuxi")
    people.add_user(database, NOON, "chief", Role.ADMIN)
    with database.read() as work:
        assert [user.name for user in work.people.users(beibei.reach)] == ["below", "own"]
    for refused, error in [
        (lambda: people.add_user(database, NOON, "x", Role.VIEWER, unit="wuxi", by=beibei), BadInput),
        (lambda: people.change_user(database, NOON, "far", beibei, role=Role.ADMIN), NotFound),
        (lambda: people.change_user(database, NOON, "chief", beibei, disabled=True), NotFound),
        (lambda: people.change_user(database, NOON, "own", beibei, unit="wuxi"), BadInput),
        (lambda: people.change_user(database, NOON, "own", beibei, whole_house=True), OutOfReach),
        (lambda: people.add_user(database, NOON, "key x", Role.VIEWER), BadInput),
        (lambda: people.add_user(database, NOON, "balefire", Role.VIEWER), BadInput),
        (lambda: people.add_user(database, NOON, "a\nb", Role.VIEWER), BadInput),
    ]:
        with pytest.raises(error):
            cast(Callable[[], object], refused)()
    assert people.change_user(database, NOON, "own", beibei, unit="jindaoxia").unit == units["jindaoxia"]
    assert people.change_user(database, NOON, "own", whole_house=True).unit is None


def test_who_leaves_is_out_at_once(database: SqlDatabase) -> None:
    def right(_: str, password: str) -> bool:
        return password == "right"

    people.add_user(database, NOON, "li", Role.OPERATOR, "hash")
    token = sign_in(database, NOON, "li", "right", right)
    assert token is not None
    assert session_principal(database, token, at(1)) is not None
    people.change_user(database, NOON, "li", password_hash="new")
    assert session_principal(database, token, at(1)) is None
    token = sign_in(database, NOON, "li", "right", right)
    assert token is not None
    people.change_user(database, NOON, "li", disabled=True)
    assert session_principal(database, token, at(1)) is None
    assert sign_in(database, NOON, "li", "right", right) is None
    people.change_user(database, NOON, "li", disabled=False)
    assert sign_in(database, NOON, "li", "right", right) is not None
    with database.read() as work:
        told = [(entry.act.what, entry.act.who) for entry in reversed(work.audit.page())]
    who = "balefire"
    assert told == [
        ("user.add", who), ("sign_in", "li"), ("user.password", who), ("sign_in", "li"), ("user.change", who),
        ("sign_in.refused", "li"), ("user.change", who), ("sign_in", "li"),
    ]  # fmt: skip


def test_a_moved_user_sees_the_new_unit_in_the_same_session(database: SqlDatabase, units: dict[str, str]) -> None:
    people.add_user(database, NOON, "li", Role.OPERATOR, "hash", "beibei")
    token = sign_in(database, NOON, "li", "x", lambda *_: True)
    assert token is not None
    before = session_principal(database, token, at(1))
    people.change_user(database, NOON, "li", unit="wuxi")
    after = session_principal(database, token, at(2))
    assert before is not None
    assert after == replace(before, unit=units["wuxi"])


def test_ten_thousand_cameras_in_a_whole_city_are_one_query(database: SqlDatabase) -> None:
    """1,031 townships: the tree is walked in the database, once a query."""
    rows = [Unit("0" * 26, "cq", "cq", UnitKind.HUB)]
    rows += [Unit(f"d{n:025}", f"d{n}", "x", UnitKind.DISTRICT, rows[0].id) for n in range(41)]
    rows += [Unit(f"t{n:025}", f"t{n}", "x", UnitKind.TOWNSHIP, f"d{n % 41:025}") for n in range(1031)]
    with database.begin() as work:
        work.units.add_all(rows)
        work.cameras.add_all([camera(f"c{n:05}", unit=f"t{n % 1031:025}") for n in range(10_000)])
    with database.read() as work:
        assert len(work.cameras.all(limit=20_000, within=Reach(unit=rows[0].id))) == 10_000
        district = work.cameras.all(limit=20_000, within=Reach(unit=rows[1].id))
    assert {int(one.id[1:]) % 1031 % 41 for one in district} == {0}
    assert len(district) == sum(n % 1031 % 41 == 0 for n in range(10_000))
