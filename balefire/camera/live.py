"""A live camera: the newest frame first, the spool behind it while there is time, nothing lost in an outage."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from contextlib import suppress

from balefire.camera.backoff import Backoff
from balefire.camera.frame import Frame, Pumped
from balefire.camera.no_spool import NoSpool
from balefire.camera.outcome import Answered, Away, Later, Refused
from balefire.camera.post import Poster, ServerRefused
from balefire.camera.settings import WatchSettings
from balefire.camera.spool import Spool
from balefire.camera.status import Status

MOST_HELD = 256
MOST_FAULTS = 3  # answers of 500 to one spooled frame, before it stops holding up the others


class LiveAgent:
    """Sends one camera's frames while its source runs.

    Three places hold frames: a slot for the newest one, `held` for those which it displaced while the server's answer
    is still open, and the spool. When the server answers, what is held was replaced; when it is away, it is spooled.
    """

    def __init__(self, poster: Poster, spool: Spool | NoSpool, status: Status, settings: WatchSettings) -> None:
        self._poster, self._spool, self._status, self._settings = poster, spool, status, settings
        self._slot: Frame | None = None
        self._in_hand: Frame | None = None
        self._held: deque[Frame] = deque()
        self._faults: Counter[str] = Counter()
        self._news = asyncio.Event()
        self._backoff = Backoff(settings.retry_first_s, settings.retry_most_s)
        self._live_at = self._backfill_at = 0.0  # not before these, on the monotonic clock
        self._away = False
        self._busy_since: float | None = None
        self._trouble = ""  # of the spool, as last told
        status.counts.found += len(spool) - status.counts.waiting  # a watch that failed and began anew found them before
        status.counts.waiting = len(spool)

    async def run(self, source: Pumped) -> None:
        """Until the source has ended and all is sent. Raises BadInput, ServerRefused. What is in hand gets spooled."""
        pump = asyncio.create_task(source.pump(self._take))
        pump.add_done_callback(lambda _: self._news.set())
        try:
            await self._work(pump)
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            self._keep(self._in_hand, *self._held, self._slot)
        pump.result()

    async def _take(self, frame: Frame) -> bool:
        """Never waits: a source that is not read at once falls behind."""
        self._status.counts.taken += 1
        if self._slot is not None:
            self._hold(self._slot)
        self._slot = frame
        self._news.set()
        return True

    async def _work(self, pump: asyncio.Task[None]) -> None:
        while not pump.done() or (not pump.exception() and (self._slot or len(self._spool))):
            now = time.monotonic()
            if self._slot and now >= self._live_at:
                await self._post_live(self._slot)
            elif self._slot and self._away:
                frame, self._slot = self._slot, None
                self._keep(frame)
            elif len(self._spool) and now >= self._backfill_at:
                await self._post_spooled()
            else:
                await self._pause(now)

    async def _pause(self, now: float) -> None:
        """Until a frame comes, the source ends, or it is time for another try."""
        times = [at for at, wanted in ((self._live_at, self._slot), (self._backfill_at, len(self._spool))) if wanted]
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(min(times) - now, 0) if times else None):
                await self._news.wait()

    async def _post_live(self, frame: Frame) -> None:
        self._slot, self._in_hand = None, frame
        outcome = await self._poster.post(frame, live=True)
        match outcome:
            case Answered():
                self._acknowledged(outcome)
            case Later():
                self._wait(outcome, live=True)
                self._put_back(frame)
            case Away(detail):
                self._gone(detail)
                self._keep(frame)
            case Refused(detail, fatal):
                if fatal:
                    raise ServerRefused(detail)
                self._refused(detail)
        self._in_hand = None

    async def _post_spooled(self) -> None:
        frame = self._next_spooled()
        if frame is None:
            return
        outcome = await self._poster.post(frame, live=False)
        match outcome:
            case Answered():
                self._acknowledged(outcome)
                self._forget(frame.id)
            case Later():
                self._wait(outcome, live=False)
            case Away(detail, fault):
                self._faults[frame.id] += fault
                if self._faults[frame.id] < MOST_FAULTS:
                    self._gone(detail)
                else:
                    self._refused(detail)
                    self._forget(frame.id)
            case Refused(detail, fatal):
                if fatal:
                    raise ServerRefused(detail)
                self._refused(detail)
                self._forget(frame.id)

    def _next_spooled(self) -> Frame | None:
        """None where a file is damaged: it is dropped."""
        try:
            return self._spool.oldest()
        except ValueError as error:
            self._status.counts.dropped += 1
            self._status.notes.append(f"spool: {error}")
            self._forget(self._spool.oldest_id())
            return None

    def _acknowledged(self, answer: Answered) -> None:
        self._status.acknowledged(answer)
        self._server_is_back()

    def _refused(self, detail: str) -> None:
        self._status.refused(detail)
        self._server_is_back()

    def _server_is_back(self) -> None:
        self._status.counts.replaced += len(self._held)
        self._held.clear()
        self._away, self._busy_since, self._trouble = False, None, ""
        self._backoff.reset()

    def _wait(self, later: Later, live: bool) -> None:
        """429 to a spooled frame slows the spool alone; 503 is for both."""
        now = time.monotonic()
        if live or later.full:
            self._live_at = now + later.wait_s
        if not live or later.full:
            self._backfill_at = now + later.wait_s
        self._status.server_is("busy", later.detail)
        if later.full:
            self._busy_since = self._busy_since or now
            if now - self._busy_since >= self._settings.busy_patience_s:
                self._leave()

    def _gone(self, detail: str) -> None:
        self._live_at = self._backfill_at = time.monotonic() + self._backoff.next_s()
        self._status.server_is("away", detail)
        self._leave()

    def _leave(self) -> None:
        self._away = True
        self._keep(*self._held)
        self._held.clear()

    def _put_back(self, frame: Frame) -> None:
        if self._slot is None:
            self._slot = frame
        else:
            self._hold(frame)

    def _hold(self, frame: Frame) -> None:
        self._held.append(frame)
        if len(self._held) > MOST_HELD:
            self._held.popleft()
            self._status.counts.replaced += 1

    def _keep(self, *frames: Frame | None) -> None:
        for frame in frames:
            if frame is not None:
                self._status.counts.dropped += self._to_disk(frame)
        self._status.counts.waiting = len(self._spool)

    def _to_disk(self, frame: Frame) -> int:
        """How many frames were lost. A full or broken disk must not stop the watch."""
        try:
            lost = self._spool.put(frame)
        except OSError as error:
            lost, self._trouble = 1, self._tell_trouble(f"spool: {error.strerror}")
        else:
            if lost:
                self._trouble = self._tell_trouble("spool: no room left; the oldest frames are dropped")
        return lost

    def _tell_trouble(self, words: str) -> str:
        """Once until the server is back, not with every frame."""
        if words != self._trouble:
            self._status.notes.append(words)
        return words

    def _forget(self, frame_id: str) -> None:
        self._spool.done(frame_id)
        self._faults.pop(frame_id, None)
        self._status.counts.waiting = len(self._spool)
