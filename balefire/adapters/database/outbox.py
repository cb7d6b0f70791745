"""The outbox: what is still to be told, written with the change it tells of. Any number of workers drain it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, func, insert, or_, select, update

from balefire.adapters.database.tables import outbox
from balefire.domain.errors import NotFound
from balefire.domain.notification import GIVE_UP, DispatchState, Draft, Notification, Settled

PENDING = outbox.c.state == DispatchState.PENDING


class SqlOutbox:
    """Implements `ports.Outbox`. `channels`: who is told of everything."""

    def __init__(self, connection: Connection, channels: Sequence[str]) -> None:
        self._connection = connection
        self.channels = tuple(channels)

    def add(self, draft: Draft, channels: Sequence[str] | None = None) -> int:
        chosen = self.channels if channels is None else channels
        known = select(outbox.c.channel).where(outbox.c.key == draft.key)
        missing = set(chosen) - set(self._connection.execute(known).scalars()) if chosen else set[str]()
        if missing:
            self._connection.execute(insert(outbox), [_row(draft, channel) for channel in sorted(missing)])
        return len(missing)

    def last_of(self, subject: str) -> Notification | None:
        query = select(outbox).where(outbox.c.subject == subject).order_by(outbox.c.id.desc()).limit(1)
        row = self._connection.execute(query).first()
        return _notification(row) if row else None

    def is_due(self, channel: str, now: datetime) -> bool:
        return self._connection.execute(_due(channel, now).limit(1)).first() is not None

    def lease(self, channel: str, holder: str, now: datetime, until: datetime, limit: int) -> list[Notification]:
        query = _due(channel, now).order_by(outbox.c.due_at, outbox.c.id).limit(limit)
        ids = self._connection.execute(query.with_for_update(skip_locked=True, of=outbox)).scalars().all()
        if not ids:
            return []
        taken = {"holder": holder, "leased_until": until, "attempts": outbox.c.attempts + 1}
        self._connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(taken))
        rows = self._connection.execute(select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.id))
        return [_notification(row) for row in rows]

    def settle(self, leased: Notification, settled: Settled) -> bool:
        ended = settled.state is not DispatchState.PENDING
        values = {
            "state": settled.state, "last_error": settled.error, "holder": None, "leased_until": None,
            "due_at": leased.due_at if ended else settled.at, "finished_at": settled.at if ended else None,
        }  # fmt: skip
        still_ours = and_(outbox.c.id == leased.id, outbox.c.holder == leased.holder, outbox.c.attempts == leased.attempts)
        return self._connection.execute(update(outbox).where(still_ours, PENDING).values(values)).rowcount == 1

    def overdue(self, now: datetime) -> dict[str, int]:
        query = select(outbox.c.channel, func.count()).where(_overdue(now)).group_by(outbox.c.channel)
        return {channel: count for channel, count in self._connection.execute(query)}

    def give_up(self, now: datetime) -> None:
        said = "given up: its time ran out; last: " + func.coalesce(func.nullif(outbox.c.last_error, ""), "never tried")
        values = {"state": DispatchState.FAILED, "finished_at": now, "last_error": said, "holder": None, "leased_until": None}
        self._connection.execute(update(outbox).where(_overdue(now)).values(values))

    def page(
        self, state: DispatchState | None = None, channel: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[Notification]:
        query = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
        for column, wanted in ((outbox.c.state, state), (outbox.c.channel, channel)):
            query = query if wanted is None else query.where(column == wanted)
        query = query if before is None else query.where(outbox.c.id < before)
        return [_notification(row) for row in self._connection.execute(query)]

    def replay(self, notification_id: int, now: datetime) -> Notification:
        mine = outbox.c.id == notification_id
        row = self._connection.execute(select(outbox).where(mine).with_for_update()).first()
        if row is None:
            raise NotFound(f"no notification {notification_id}")
        values: dict[str, object] = {"due_at": now, "expires_at": now + GIVE_UP}
        if row.state != DispatchState.PENDING:  # one that is on its way keeps its lease and its count
            values |= {"state": DispatchState.PENDING, "attempts": 0, "finished_at": None, "last_error": ""}
        self._connection.execute(update(outbox).where(mine).values(values))
        return _notification(row)

    def purge(self, before: datetime) -> int:
        return self._connection.execute(delete(outbox).where(outbox.c.finished_at < before)).rowcount


def _due(channel: str, now: datetime) -> Select[tuple[int]]:
    """Free rows whose time has come. What is told of one subject leaves in order: nothing passes an earlier row."""
    earlier = outbox.alias()
    waits = exists().where(
        earlier.c.channel == outbox.c.channel,
        earlier.c.subject == outbox.c.subject,
        earlier.c.state == DispatchState.PENDING,
        earlier.c.id < outbox.c.id,
    )
    free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now)
    return select(outbox.c.id).where(
        PENDING, outbox.c.channel == channel, outbox.c.due_at <= now, outbox.c.expires_at > now, free, ~waits
    )


def _overdue(now: datetime) -> ColumnElement[bool]:
    """Also of channels that no setting names any more."""
    return and_(PENDING, outbox.c.expires_at <= now, or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now))


def _row(draft: Draft, channel: str) -> dict[str, object]:
    return {
        "key": draft.key, "channel": channel, "kind": draft.kind, "subject": draft.subject, "body": draft.body,
        "created_at": draft.created_at, "due_at": draft.due_at or draft.created_at,
        "expires_at": (draft.due_at or draft.created_at) + draft.give_up,
        "state": DispatchState.PENDING, "attempts": 0, "last_error": "",
    }  # fmt: skip


def _notification(row: Row[tuple[object, ...]]) -> Notification:
    values = dict(row._mapping)
    return Notification(**{**values, "state": DispatchState(str(values["state"]))})
