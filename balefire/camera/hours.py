"""When a camera is watched: spans of local time, over midnight too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from balefire.camera.frame import Pumped, Take
from balefire.camera.status import Status

SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
LONGEST_SLEEP_S = 60.0  # a clock that is set, or a summer time that begins, is noticed within a minute


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the day; where `end` is not after `start`, it goes over midnight."""

    start: int
    end: int

    def holds(self, at: time) -> bool:
        minute = at.hour * 60 + at.minute
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@dataclass(frozen=True, slots=True)
class ActiveHours:
    """`spans`: none means always. `zone`: None is the machine's own."""

    spans: tuple[Span, ...] = ()
    zone: tzinfo | None = None

    def holds(self, now: datetime) -> bool:
        """now: aware."""
        return not self.spans or any(span.holds(now.astimezone(self.zone).time()) for span in self.spans)

    def until_change(self, now: datetime) -> timedelta:
        """To the next minute at which `holds` may answer otherwise; a day where it never does."""
        local = now.astimezone(self.zone)
        into_minute = timedelta(seconds=local.second, microseconds=local.microsecond)
        for minutes in range(1, 24 * 60 + 1):
            moment = now + timedelta(minutes=minutes) - into_minute
            if self.holds(moment) != self.holds(now):
                return moment - now
        return timedelta(days=1)


def parse_span(text: str) -> Span:
    """`06:00-20:30`, `22:00-05:00`, `00:00-24:00`. Raises ValueError."""
    found = SPAN.fullmatch(text.strip())
    if not found or (found[3] == "24" and found[4] != "00"):
        raise ValueError(f"hours are written 06:00-20:30, got {text!r}")
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    return Span(start, end)


@dataclass(frozen=True, slots=True)
class WithinHours:
    """A source that is read within its hours only; outside of them nothing is connected."""

    inner: Pumped
    hours: ActiveHours
    status: Status
    clock: Callable[[], datetime]

    async def pump(self, take: Take) -> None:
        if not self.hours.spans:
            return await self.inner.pump(take)
        while True:
            now = self.clock()
            if not self.hours.holds(now):
                self.status.source_is("resting", "outside its hours")
                await asyncio.sleep(min(self.hours.until_change(now).total_seconds(), LONGEST_SLEEP_S))
            elif await self._within(take):
                return None

    async def _within(self, take: Take) -> bool:
        """Until the hours end; whether the source ended before."""
        reading = asyncio.ensure_future(self.inner.pump(take))
        try:
            while self.hours.holds(self.clock()):
                wait_s = min(self.hours.until_change(self.clock()).total_seconds(), LONGEST_SLEEP_S)
                done, _ = await asyncio.wait({reading}, timeout=wait_s)
                if done:
                    reading.result()
                    return True
            return False
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
