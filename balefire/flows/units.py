"""The tree of units grows and changes: a whole table at once, or one unit at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ulid import ULID

from balefire.domain.access import HOUSE, Principal
from balefire.domain.errors import BadInput, OutOfReach, UnknownUnit
from balefire.domain.unit_table import UnitRow, check_tree
from balefire.domain.units import Unit, UnitKind, parents_first
from balefire.flows import wire
from balefire.flows.audit import record, record_change, require_whole_house
from balefire.flows.ports import Database, Work


@dataclass(frozen=True, slots=True)
class Imported:
    """How many units were added, changed, and stood there like this already."""

    added: int
    changed: int
    same: int


def import_units(database: Database, now: datetime, rows: Sequence[UnitRow], by: Principal = HOUSE) -> Imported:
    """Add what is new, change what differs, leave units that the table does not name. All of it or nothing.

    Raises BadInput with the lines of orphans or of a loop, OutOfReach.
    """
    require_whole_house(by)
    with database.begin() as work:
        work.units.lock()
        known = {unit.code: unit for unit in work.units.page()}
        codes = {unit.id: code for code, unit in known.items()}
        check_tree(rows, {code: codes.get(unit.parent or "") for code, unit in known.items()})
        ids = {code: unit.id for code, unit in known.items()} | {row.code: str(ULID()) for row in rows if row.code not in known}
        wanted = {row.code: _unit(row, ids) for row in rows}
        new = [code for code in wanted if code not in known]
        changed = [code for code in wanted if code in known and wanted[code] != known[code]]
        work.units.add_all([wanted[code] for code in parents_first(new, {row.code: row.parent for row in rows})])
        for code in new:
            record(work, now, by.signature, "unit.add", code, after=wire.unit(wanted[code]))
        for code in changed:
            _save(work, now, by, known[code], wanted[code])
    return Imported(len(new), len(changed), len(rows) - len(new) - len(changed))


def add_unit(
    database: Database, now: datetime, code: str, name: str, kind: UnitKind, parent: str | None, by: Principal = HOUSE
) -> Unit:
    """parent: an id or a code. Raises UnknownUnit, Conflict, BadInput, and OutOfReach for a hub by one of a part."""
    with database.begin() as work:
        work.units.lock()
        if parent is None:
            require_whole_house(by)
        above = work.units.get(parent, by.reach).id if parent else None
        unit = Unit(str(ULID()), code, name, kind, above)
        work.units.add_all([unit])
        record(work, now, by.signature, "unit.add", unit.code, after=wire.unit(unit))
    return unit


def change_unit(
    database: Database, now: datetime, named: str, by: Principal = HOUSE, *,
    name: str | None = None, kind: UnitKind | None = None, parent: str | None = None,
) -> Unit:  # fmt: skip
    """What is None stays. Nobody moves the unit that they belong to. Raises UnknownUnit, BadInput, OutOfReach."""
    with database.begin() as work:
        work.units.lock()
        unit = work.units.get(named, by.reach)
        above = unit.parent
        if parent is not None:
            if unit.id == by.unit:
                raise OutOfReach("only somebody from above moves this unit")
            above = work.units.get(parent, by.reach).id
            if work.units.is_below(above, unit.id):
                raise BadInput(f"unit {unit.code}: a loop: {parent} stands below it")
        after = replace(unit, name=name or unit.name, kind=kind or unit.kind, parent=above)
        _save(work, now, by, unit, after)
    return after


def resolve(work: Work, named: str, by: Principal) -> str:
    """The id of the unit that an id or a code names. Raises BadInput: whoever names it sent something that cannot be used."""
    try:
        return work.units.get(named, by.reach).id
    except UnknownUnit as error:
        raise BadInput(str(error)) from error


def _unit(row: UnitRow, ids: dict[str, str]) -> Unit:
    try:
        return Unit(ids[row.code], row.code, row.name, row.kind, ids[row.parent] if row.parent else None)
    except BadInput as error:
        raise BadInput(f"line {row.line}: {error}") from error


def _save(work: Work, now: datetime, by: Principal, before: Unit, after: Unit) -> None:
    work.units.save(after)
    record_change(work, now, by.signature, "unit.change", after.code, wire.unit(before), wire.unit(after))
