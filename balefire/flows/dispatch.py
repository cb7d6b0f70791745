"""Telling the outside: what changed goes into the outbox with the change itself, and a worker a channel drains it.

Whoever sends does so outside any transaction, under a lease. A worker that dies between send and acknowledgement leaves the
lease to run out; the next try carries the same key, by which the receiver knows it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import ParamSpec, Protocol, TypeVar

from ulid import ULID

from balefire.domain.event import Change, Event
from balefire.domain.health import Spell
from balefire.domain.notification import DispatchState, Draft, Notification, Outcome
from balefire.flows import wire
from balefire.flows.drill import name_at
from balefire.flows.ports import Clock, Database, Work

log = logging.getLogger("balefire.dispatch")
P = ParamSpec("P")
T = TypeVar("T")

TYPES: dict[str, str] = {Change.RAISED: "new", Change.CLOSED: "end"}  # every other change is an update
TOLD = ("state", "verdict", "reviews", "group")  # what a reader acts upon: a change of these is told at once
QUIET = timedelta(seconds=30)  # mere further sightings are told this often
POLL_S = 0.2
BATCH = 8
SEND_S = 10.0
LEASE = timedelta(seconds=20)  # over SEND_S: what is being sent is never taken by another


class Channel(Protocol):
    """One way to the outside. Sending twice with one key must be harmless to the receiver."""

    @property
    def name(self) -> str: ...

    def ready(self) -> bool:
        """Whether a try makes sense now: what would only fail costs no attempt."""

    async def send(self, notification: Notification) -> Outcome:
        """One try, within SEND_S. Returns how it ended; raises nothing that it can foresee."""


def tell_event(work: Work, event: Event, change: str, at: datetime) -> None:
    """Put what became of a raised event into the outbox, in the transaction that changes it. `before`: as last told."""
    if event.raised_at is None or not work.outbox.channels:
        return
    after = wire.event(event, work.reviews.of([event.id]).get(event.id, []))
    last = work.outbox.last_of(event.id)
    before: wire.Json | None = json.loads(last.body)["after"] if last else None
    kind = TYPES.get(change, "update")
    if kind == "update" and last and before and at - last.created_at < QUIET and all(before[k] == after[k] for k in TOLD):
        return
    _put(work, "event", event.id, kind, before, after, name_at(work.drills.newest(), event.raised_at, at), at)


def tell_camera(work: Work, spell: Spell, kind: str, at: datetime) -> None:
    """Put a camera's fault into the outbox: `new` when it begins, `update` when it comes back at once, `end`."""
    if not work.outbox.channels:
        return
    _put(work, "camera", spell.camera, kind, None, wire.spell(spell), name_at(work.drills.newest(), at), at)


def _put(
    work: Work, what: str, subject: str, kind: str, before: wire.Json | None, after: wire.Json, drill: str | None, at: datetime
) -> None:
    """drill: the name of the one in which it happened: nobody may take an exercise for a fire."""
    body = json.dumps({"type": kind, "before": before, "after": after, "drill": drill}, ensure_ascii=False)
    work.outbox.add(Draft(str(ULID()), what, subject, body, at))


class Dispatcher:
    """Drains one channel. Any number may run, in any number of processes.

    told: called with the channel and `delivered`, `failed` or `retried` after each try; send_s: how long one may take, at most
    SEND_S.
    """

    def __init__(
        self,
        database: Database,
        channel: Channel,
        clock: Clock,
        threads: Executor,
        holder: str,
        told: Callable[[str, str], None] = lambda channel, state: None,
        send_s: float = SEND_S,
    ) -> None:
        self._database, self._channel, self._clock, self._threads = database, channel, clock, threads
        self._holder, self._told, self._send_s = holder, told, send_s

    async def run(self) -> None:
        """Until cancelled. A round that fails is logged and tried again: leases run out by themselves."""
        while True:
            sent = 0
            try:
                sent = await self.round()
            except Exception:  # one bad round must not end all later ones
                log.exception("%s: a round failed; leases run out and it is tried again", self._channel.name)
            if not sent:
                await asyncio.sleep(POLL_S)

    async def round(self) -> int:
        """Lease what is due, send it, write how that ended. Returns how many were tried."""
        if not self._channel.ready():
            return 0
        leased = await self._in_thread(self._lease)
        await asyncio.gather(*(self._try(notification) for notification in leased))
        return len(leased)

    def _lease(self) -> list[Notification]:
        now, name = self._clock.now(), self._channel.name
        with self._database.read() as work:  # looking takes no lock; most looks find nothing
            if not work.outbox.is_due(name, now):
                return []
        with self._database.begin() as work:
            return work.outbox.lease(name, self._holder, now, now + LEASE, BATCH)

    async def _try(self, notification: Notification) -> None:
        try:
            async with asyncio.timeout(self._send_s):
                outcome = await self._channel.send(notification)
        except TimeoutError:
            outcome = Outcome(False, f"no answer within {self._send_s:g} s")
        except Exception as error:  # a fault of ours must not look like a delivery, nor stop the others
            log.exception("%s: notification %d", notification.channel, notification.id)
            outcome = Outcome(False, type(error).__name__)
        await self._in_thread(self._settle, notification, outcome)

    def _settle(self, notification: Notification, outcome: Outcome) -> None:
        settled = notification.after(outcome, self._clock.now())
        with self._database.begin() as work:
            ours = work.outbox.settle(notification, settled)
        if not ours:
            return
        retried = settled.state is DispatchState.PENDING
        self._told(notification.channel, "retried" if retried else settled.state.value)
        if not outcome.accepted:
            then = f"next try {settled.at:%T}" if retried else "failed for good"
            log.warning("%s: notification %d: %s; %s", notification.channel, notification.id, outcome.reason, then)

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **kwargs))


def give_up(database: Database, now: datetime) -> dict[str, int]:
    """End what nobody accepted in its time, also of channels that are not ready or not set any more. Returns how many each."""
    with database.read() as work:
        overdue = work.outbox.overdue(now)
    if overdue:
        with database.begin() as work:
            work.outbox.give_up(now)
    return overdue
