"""The tree of units."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from balefire.adapters.database.reach import reaches_unit, units_below
from balefire.adapters.database.tables import cameras, units
from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.errors import Conflict, UnknownUnit
from balefire.domain.units import Unit, UnitKind

UNITS_LOCK = 7_261_002  # any number that no other lock of this database uses


class SqlUnits:
    """Implements `ports.Units`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        if self._connection.dialect.name == "postgresql":  # SQLite: the whole file is locked
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UNITS_LOCK})

    def add_all(self, new: Sequence[Unit]) -> None:
        if not new:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(units), [_row(unit) for unit in new])
        except IntegrityError as error:
            named = f"a unit {new[0].code}" if len(new) == 1 else "one of these units"
            raise Conflict(f"there is {named} already") from error

    def save(self, unit: Unit) -> None:
        try:
            with self._connection.begin_nested():
                done = self._connection.execute(update(units).where(units.c.id == unit.id).values(_row(unit)))
        except IntegrityError as error:
            raise Conflict(f"there is a unit {unit.code} already") from error
        if done.rowcount == 0:
            raise UnknownUnit(f"no unit {unit.id}")

    def get(self, named: str, within: Reach = EVERYWHERE) -> Unit:
        row = self._connection.execute(select(units).where(_is(named), reaches_unit(units.c.id, within))).first()
        if row is None:
            raise UnknownUnit(f"no unit {named}")
        return _unit(dict(row._mapping))

    def page(self, within: Reach = EVERYWHERE, after: str | None = None, limit: int | None = None) -> list[Unit]:
        query = select(units).where(reaches_unit(units.c.id, within)).order_by(units.c.code).limit(limit)
        if after is not None:
            query = query.where(units.c.code > after)
        return [_unit(dict(row._mapping)) for row in self._connection.execute(query)]

    def is_below(self, unit_id: str, top: str) -> bool:
        query = select(units.c.id).where(units.c.id == unit_id, units.c.id.in_(units_below(top)))
        return self._connection.execute(query).first() is not None

    def camera_counts(self) -> dict[str, int]:
        query = select(cameras.c.unit, func.count()).where(cameras.c.unit.is_not(None)).group_by(cameras.c.unit)
        return {row[0]: row[1] for row in self._connection.execute(query)}


def _is(named: str) -> ColumnElement[bool]:
    return or_(units.c.id == named, units.c.code == named)


def _row(unit: Unit) -> dict[str, object]:
    return {name: getattr(unit, name) for name in Unit.__slots__}


def _unit(values: dict[str, str]) -> Unit:
    return Unit(**{**values, "kind": UnitKind(values["kind"])})  # type: ignore[arg-type]
