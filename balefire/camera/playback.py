"""Files that wait: each frame is sent before the next one is read, however long that takes. Nothing is replaced."""

from __future__ import annotations

import asyncio

from balefire.camera.backoff import Backoff
from balefire.camera.frame import Frame, Pumped
from balefire.camera.live import MOST_FAULTS
from balefire.camera.outcome import Answered, Away, Later, Refused
from balefire.camera.post import Poster, ServerRefused
from balefire.camera.settings import WatchSettings
from balefire.camera.status import Status


class Playback:
    """Sends frames one by one; `limit` ends it after so many. Stopped early, the frame in hand is dropped."""

    def __init__(self, poster: Poster, status: Status, settings: WatchSettings, limit: int | None = None) -> None:
        self._poster, self._status, self._limit = poster, status, limit
        self._backoff = Backoff(settings.retry_first_s, settings.retry_most_s)

    async def run(self, source: Pumped) -> None:
        """Raises BadInput, ServerRefused."""
        await source.pump(self._take)

    async def _take(self, frame: Frame) -> bool:
        counts = self._status.counts
        counts.taken += 1
        counts.dropped += 1  # until it is delivered
        await self._deliver(frame)
        counts.dropped -= 1
        return self._limit is None or counts.taken < self._limit

    async def _deliver(self, frame: Frame) -> None:
        faults = 0
        while True:
            outcome = await self._poster.post(frame, live=False)
            match outcome:
                case Answered():
                    self._backoff.reset()
                    return self._status.acknowledged(outcome)
                case Later(wait_s, _, detail):
                    self._status.server_is("busy", detail)
                    await asyncio.sleep(wait_s)
                case Away(detail, fault):
                    faults += fault
                    if faults >= MOST_FAULTS:
                        return self._status.refused(detail)
                    self._status.server_is("away", detail)
                    await asyncio.sleep(self._backoff.next_s())
                case Refused(detail, fatal):
                    if fatal:
                        raise ServerRefused(detail)
                    return self._status.refused(detail)
