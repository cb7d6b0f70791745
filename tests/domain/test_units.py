"""The tree of units as people write it: every fault is named with its line."""

from __future__ import annotations

import json

import pytest

from balefire.domain.errors import BadInput
from balefire.domain.unit_table import UnitRow, check_tree, read_csv, read_json, read_toml
from balefire.domain.units import Unit, UnitKind, find_loop, in_tree_order, parents_first

CSV = "code,name,kind,parent\ncq,重庆,hub,\nbeibei,北碚区,district,cq\njindaoxia,金刀峡镇,township,beibei\n"
TOML = """
[[units]]
code = "cq"
name = "重庆"
kind = "hub"

[[units]]
code = "beibei"
name = "北碚区"
kind = "district"
parent = "cq"

[[units]]
code = "jindaoxia"
name = "金刀峡镇"
kind = "township"
parent = "beibei"
"""
ROWS = [
    {"code": "cq", "name": "重庆", "kind": "hub"},
    {"code": "beibei", "name": "北碚区", "kind": "district", "parent": "cq"},
    {"code": "jindaoxia", "name": "金刀峡镇", "kind": "township", "parent": "beibei"},
]
SAID = [
    ("cq", "重庆", UnitKind.HUB, None),
    ("beibei", "北碚区", UnitKind.DISTRICT, "cq"),
    ("jindaoxia", "金刀峡镇", UnitKind.TOWNSHIP, "beibei"),
]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (read_csv(CSV), [2, 3, 4]),
        (read_csv("\ufeff" + CSV.replace("\n", "\r\n")), [2, 3, 4]),
        (read_toml(TOML), [2, 7, 13]),
        (read_json(json.dumps(ROWS)), [1, 1, 1]),
        (read_json(json.dumps({"units": ROWS}, indent=1)), [3, 8, 14]),
        (read_json(json.dumps(ROWS, ensure_ascii=False, indent=1)), [2, 7, 13]),
    ],
)
def test_three_ways_to_write_one_tree(rows: list[UnitRow], lines: list[int]) -> None:
    assert [(row.code, row.name, row.kind, row.parent) for row in rows] == SAID
    assert [row.line for row in rows] == lines
    check_tree(rows, {})


HEAD = "code,name,kind,parent\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: no column code"),
        ("code,name,kind\na,A,hub\n", "line 1: no column parent"),
        ("code,name,kind,parent,kind\n", "line 1: a column stands there twice"),
        ("code,name,kind,parnt\n", "line 1: unknown column 'parnt'; did you mean parent?"),
        (HEAD, "it holds no units"),
        (HEAD + "A b,x,hub,\n", "line 2: a unit's code is 1 to 63"),
        (HEAD + "a,,hub,\n", "line 2: unit a: a name has 1 to 200"),
        (HEAD + "a,x,planet,\n", "line 2: unit a: kind is one of hub, district, township"),
        (HEAD + "a,x,hub,\nb,x,district,\n", "line 3: unit b: no parent; only a hub has none"),
        (HEAD + "a,x,hub,\nb,x,hub,a\n", "line 3: unit b: a hub has no parent"),
        (HEAD + "a,x,hub,\na,y,hub,\n", "line 3: unit a stands in line 2 already"),
        (HEAD + "a,x,hub,,more\n", "line 2: it has more cells"),
        (HEAD + 'a,"x,hub\n', "not CSV"),
        (HEAD + "a,,hub,\nb,,hub,\n", "line 2: .*; line 3: "),
    ],
)
def test_a_faulty_table_is_refused_with_the_line(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_csv(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[units]\n", "not valid TOML: .*line 1"),
        ("[[units]]\ncode = 'a'\nname = 'x'\nkind = 'hub'\ncolour = 1\n", "line 1: unknown column 'colour'"),
        ("units = [{code = 'a'}]\n", "as a table of its own"),
        ("[[unit]]\ncode = 'a'\n", "a list of units, and nothing else"),
        ("units = 3\n", "a list of units, and nothing else"),
    ],
)
def test_faulty_toml(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_toml(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[\n{]\n", "line 2: not valid JSON"),
        ("3", "a list of units, and nothing else"),
        ('[\n{"code": "a", "name": "x", "kind": "hub"},\n3]', "line 3: not a unit"),
        ('{"units": [], "more": 1}', "a list of units, and nothing else"),
        ("[]", "it holds no units"),
    ],
)
def test_faulty_json(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_json(text)


@pytest.mark.parametrize(
    ("rows", "known", "said"),
    [
        ("b,x,district,gone\n", {}, "line 2: unit b: no unit gone"),
        ("a,x,hub,\nb,x,district,c\nc,x,township,b\n", {}, "line 3: a loop: b → c → b"),
        ("a,x,district,a\n", {}, "line 2: a loop: a → a"),
        ("top,x,district,below\n", {"top": None, "below": "top"}, "line 2: a loop: top → below → top"),
    ],
)
def test_orphans_and_loops_are_refused_with_the_line(rows: str, known: dict[str, str | None], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_tree(read_csv(HEAD + rows), known)


def test_a_parent_may_stand_below_its_child_or_be_stored_already() -> None:
    check_tree(read_csv(HEAD + "b,x,district,a\na,x,hub,\n"), {})
    check_tree(read_csv(HEAD + "b,x,district,stored\n"), {"stored": None})


def test_a_long_chain_is_no_loop() -> None:
    chain: dict[str, str | None] = {str(n): str(n + 1) for n in range(10_000)}
    assert find_loop(chain) == []
    assert find_loop({**chain, "10000": "9999"}) == ["9999", "10000", "9999"]


def test_parents_come_first() -> None:
    order = parents_first(["c", "b", "a", "x"], {"c": "b", "b": "a", "a": None, "x": "stored"})
    assert order == ["a", "b", "c", "x"]


def test_the_tree_is_told_from_the_top() -> None:
    units = [
        Unit("3", "c", "C", UnitKind.TOWNSHIP, "2"),
        Unit("4", "b2", "B2", UnitKind.FORESTRY, "1"),
        Unit("2", "b", "B", UnitKind.DISTRICT, "1"),
        Unit("1", "a", "A", UnitKind.HUB),
    ]
    assert [(depth, unit.code) for depth, unit in in_tree_order(units)] == [(0, "a"), (1, "b"), (2, "c"), (1, "b2")]
    assert [(depth, unit.code) for depth, unit in in_tree_order(units[:3])] == [(0, "b"), (1, "c"), (0, "b2")]


@pytest.mark.parametrize(
    ("code", "name", "kind", "parent"),
    [
        ("A", "x", "hub", None),
        ("", "x", "hub", None),
        ("a", " ", "hub", None),
        ("a", "x", "hub", "p"),
        ("a", "x", "district", None),
    ],
)
def test_a_unit_checks_itself(code: str, name: str, kind: str, parent: str | None) -> None:
    with pytest.raises(BadInput):
        Unit("1", code, name, UnitKind(kind), parent)
