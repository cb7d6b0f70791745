"""The audit log, and drills."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from balefire.adapters.database.tables import audit, audit_head, drills
from balefire.domain.audit import Act, Entry, Head, follow
from balefire.domain.drill import Drill

PAGE = 1000
MOST_DRILLS = 1000


class SqlAudit:
    """Implements `ports.Audit`. New acts wait for the end of the transaction: their lock is one for the whole house."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[Act] = []

    def add(self, act: Act) -> None:
        self._waiting.append(act)

    def flush(self) -> None:
        """Write what waits. Whoever holds the head's row commits before another entry follows."""
        if not self._waiting:
            return
        head, entries = self._head(lock=True), list[Entry]()
        for act in self._waiting:
            entries.append(follow(head, act))
            head = Head(entries[-1].number, entries[-1].sha256)
        self._waiting = []
        self._connection.execute(insert(audit), [_row(entry) for entry in entries])
        self._connection.execute(update(audit_head).values(number=head.number, sha256=head.sha256))

    def head(self) -> Head:
        self.flush()
        return self._head(lock=False)

    def page(self, before: int | None = None, limit: int = 50, what: str | None = None) -> list[Entry]:
        self.flush()
        query = select(audit).order_by(audit.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.number < before)
        if what is not None:
            query = query.where(audit.c.what == what)
        return [_entry(dict(row._mapping)) for row in self._connection.execute(query)]

    def all(self) -> Iterator[Entry]:
        self.flush()
        last: int | None = None
        while True:
            query = select(audit).order_by(audit.c.number).limit(PAGE)
            rows = self._connection.execute(query if last is None else query.where(audit.c.number > last)).all()
            yield from (_entry(dict(row._mapping)) for row in rows)
            if len(rows) < PAGE:
                return
            last = rows[-1].number

    def _head(self, lock: bool) -> Head:
        query = select(audit_head.c.number, audit_head.c.sha256)
        return Head(*self._connection.execute(query.with_for_update() if lock else query).one())


class SqlDrills:
    """Implements `ports.Drills`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        self._connection.execute(select(audit_head.c.id).with_for_update())

    def add(self, drill: Drill) -> None:
        self._connection.execute(insert(drills).values({name: getattr(drill, name) for name in Drill.__slots__}))

    def end(self, drill_id: str, at: datetime, by: str) -> None:
        self._connection.execute(update(drills).where(drills.c.id == drill_id).values(ended_at=at, ended_by=by))

    def newest(self) -> list[Drill]:
        query = select(drills).order_by(drills.c.started_at.desc()).limit(MOST_DRILLS)
        return [Drill(**row._mapping) for row in self._connection.execute(query)]


def _row(entry: Entry) -> dict[str, object]:
    act = {name: getattr(entry.act, name) for name in Act.__slots__}
    return {"number": entry.number, **act, "previous_sha256": entry.previous_sha256, "sha256": entry.sha256}


def _entry(values: dict[str, object]) -> Entry:
    act = Act(**{name: values[name] for name in Act.__slots__})  # type: ignore[arg-type]
    return Entry(values["number"], act, values["previous_sha256"], values["sha256"])  # type: ignore[arg-type]
