"""The tree of units from a table: CSV, TOML or JSON text to what each row says, with the line of every fault."""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from balefire.domain.errors import BadInput
from balefire.domain.units import CODE, UnitKind, find_loop

COLUMNS = ("code", "name", "kind", "parent")
MOST_FAULTS = 20  # named; a table that is wrong throughout needs no more
TOML_TABLE = re.compile(r"^[ \t]*\[\[[ \t]*units[ \t]*\]\]", re.MULTILINE)
JSON_LIST = re.compile(r'\s*(?:\{\s*"units"\s*:\s*)?\[')


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One row. `parent` is a code; None for a hub."""

    line: int
    code: str
    name: str
    kind: UnitKind
    parent: str | None


def read_csv(text: str) -> list[UnitRow]:
    """Columns code, name, kind, parent, in any order. Raises BadInput that names each faulty line."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        _check_columns(reader.fieldnames or ())
        return _rows((reader.line_num, row) for row in reader)
    except csv.Error as error:
        raise BadInput(f"line {reader.line_num}: not CSV: {error}") from error


def read_toml(text: str) -> list[UnitRow]:
    """One `[[units]]` table a unit. Raises BadInput that names each faulty table's first line."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"not valid TOML: {error}") from error
    units = _only_units(values)
    lines = [_line_at(text, found.start()) for found in TOML_TABLE.finditer(text)]
    if len(lines) != len(units):
        raise BadInput("write each unit as a table of its own, below a line [[units]]")
    return _rows(zip(lines, units, strict=True))


def read_json(text: str) -> list[UnitRow]:
    """A list of objects, or `{"units": [objects]}`. Raises BadInput that names the line on which each faulty object begins."""
    text = text.removeprefix("\ufeff")
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"line {error.lineno}: not valid JSON: {error.msg}") from error
    units = values if isinstance(values, list) else _only_units(values)
    return _rows(zip(_json_lines(text, len(units)), units, strict=True))


READERS = {".csv": read_csv, ".toml": read_toml, ".json": read_json}


def check_tree(rows: Sequence[UnitRow], known: Mapping[str, str | None]) -> None:
    """known: the units that are stored, code → parent's code. Raises BadInput with the lines of orphans and of a loop."""
    lines = {row.code: row.line for row in rows}
    parents = {**known, **{row.code: row.parent for row in rows}}
    orphans = [
        f"line {row.line}: unit {row.code}: no unit {row.parent}" for row in rows if row.parent and row.parent not in parents
    ]
    if orphans:
        raise BadInput(_joined(orphans))
    if loop := find_loop(parents):
        first = min(lines[code] for code in loop if code in lines)
        raise BadInput(f"line {first}: a loop: {' → '.join(loop)}")


def _rows(raw: Iterable[tuple[int, object]]) -> list[UnitRow]:
    rows, faults, lines = list[UnitRow](), list[str](), dict[str, int]()
    for line, cells in raw:
        try:
            row = _row(line, cells)
            if row.code in lines:
                raise BadInput(f"unit {row.code} stands in line {lines[row.code]} already")
            lines[row.code] = line
            rows.append(row)
        except BadInput as error:
            faults.append(f"line {line}: {error}")
    if faults:
        raise BadInput(_joined(faults))
    if not rows:
        raise BadInput("it holds no units")
    return rows


def _row(line: int, cells: object) -> UnitRow:
    if not isinstance(cells, dict):
        raise BadInput("not a unit with a code, a name, a kind and a parent")
    if None in cells:
        raise BadInput("it has more cells than there are columns")
    _check_keys(cells)
    texts = {name: "" if value is None else str(value).strip() for name, value in cells.items()}
    code, parent = texts.get("code", ""), texts.get("parent") or None
    if not CODE.fullmatch(code):
        raise BadInput(f"a unit's code is 1 to 63 of a–z, 0–9 and -, got {code[:80]!r}")
    name = texts.get("name", "")
    if not 1 <= len(name) <= 200:
        raise BadInput(f"unit {code}: a name has 1 to 200 characters, got {name[:80]!r}")
    kind = _kind(code, texts.get("kind", ""))
    if (kind is UnitKind.HUB) != (parent is None):
        raise BadInput(f"unit {code}: {'a hub has no parent' if parent else 'no parent; only a hub has none'}")
    return UnitRow(line, code, name, kind, parent)


def _kind(code: str, text: str) -> UnitKind:
    try:
        return UnitKind(text)
    except ValueError as error:
        raise BadInput(f"unit {code}: kind is one of {', '.join(UnitKind)}, got {text[:80]!r}") from error


def _check_columns(names: Sequence[str]) -> None:
    try:
        _check_keys(names)
    except BadInput as error:
        raise BadInput(f"line 1: {error}") from error
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadInput(f"line 1: no column {missing[0]}; there are {', '.join(COLUMNS)}")
    if len(set(names)) < len(names):
        raise BadInput("line 1: a column stands there twice")


def _check_keys(names: Iterable[object]) -> None:
    for name in names:
        if name not in COLUMNS:
            near = difflib.get_close_matches(str(name), COLUMNS, n=1, cutoff=0.5)
            raise BadInput(f"unknown column {name!r}{f'; did you mean {near[0]}?' if near else ''}")


def _only_units(values: object) -> list[object]:
    units = values.get("units") if isinstance(values, dict) and len(values) == 1 else None
    if not isinstance(units, list):
        raise BadInput("it holds a list of units, and nothing else")
    return units


def _json_lines(text: str, count: int) -> Iterator[int]:
    """The line on which each element of the (valid) list begins."""
    opening = JSON_LIST.match(text)
    assert opening, "json.loads found a list of units here"
    at, decoder = opening.end(), json.JSONDecoder()
    for _ in range(count):
        while text[at] in " \t\r\n,":
            at += 1
        yield _line_at(text, at)
        at = decoder.raw_decode(text, at)[1]


def _line_at(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _joined(faults: Sequence[str]) -> str:
    more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
    return "; ".join(faults[:MOST_FAULTS]) + more
