"""Faults of cameras, and what their pictures usually look like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from balefire.adapters.database.mapping import dump_sight, load_sight
from balefire.adapters.database.tables import faults, sights
from balefire.domain.health import Fault, Sight, Spell

SIGHT = select(sights.c.body).where(sights.c.camera == bindparam("camera"))
SAVE_SIGHT = update(sights).where(sights.c.camera == bindparam("seeing"))


class SqlHealth:
    """Implements `ports.Health`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, spell: Spell) -> None:
        self._connection.execute(
            insert(faults).values(
                id=spell.id, camera=spell.camera, fault=spell.fault, reason=spell.reason, since=spell.since, until=spell.until
            )
        )

    def end(self, camera: str, fault: Fault, at: datetime) -> Spell | None:
        row = self._newest(camera, fault)
        if row is None or row.until is not None:
            return None
        return self._set_until(row, max(at, row.since))

    def resume(self, camera: str, fault: Fault, ended_since: datetime) -> Spell | None:
        row = self._newest(camera, fault)
        if row is None or row.until is None or row.until < ended_since:
            return None
        return self._set_until(row, None)

    def between(self, since: datetime, until: datetime, cameras: Sequence[str]) -> list[Spell]:
        query = (
            select(faults)
            .where(faults.c.camera.in_(cameras), faults.c.since <= until)
            .where(or_(faults.c.until.is_(None), faults.c.until >= since))
            .order_by(faults.c.since, faults.c.id)
        )
        return [_spell(row) for row in self._connection.execute(query)]

    def sight(self, camera: str) -> Sight:
        text = self._connection.execute(SIGHT, {"camera": camera}).scalar()
        return load_sight(text) if text else Sight()

    def save_sight(self, camera: str, sight: Sight) -> None:
        body = dump_sight(sight)
        if not self._connection.execute(SAVE_SIGHT, {"seeing": camera, "body": body}).rowcount:
            self._connection.execute(insert(sights).values(camera=camera, body=body))

    def _newest(self, camera: str, fault: Fault) -> Row[tuple[object, ...]] | None:
        """The one of this kind that began last."""
        of_kind = select(faults).where(faults.c.camera == camera, faults.c.fault == fault)
        return self._connection.execute(of_kind.order_by(faults.c.since.desc(), faults.c.id.desc()).limit(1)).first()

    def _set_until(self, row: Row[tuple[object, ...]], until: datetime | None) -> Spell:
        self._connection.execute(update(faults).where(faults.c.id == row.id).values(until=until))
        return Spell(**{**row._mapping, "fault": Fault(row.fault), "until": until})


def _spell(row: Row[tuple[object, ...]]) -> Spell:
    return Spell(**{**row._mapping, "fault": Fault(row.fault)})
