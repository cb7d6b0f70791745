"""A sign of life to an outside monitor: it notices when the sign stays away, also when this whole machine is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import httpx

from balefire.adapters.notify.addresses import Network
from balefire.adapters.notify.http import Outside, short
from balefire.domain.errors import BalefireError

log = logging.getLogger("balefire.heartbeat")


class Heartbeat:
    """`fit`: whether this process may speak for the service now; raises where the service is not fit to watch."""

    def __init__(self, url: str, every_s: float, networks: Sequence[Network], fit: Callable[[], Awaitable[bool]]) -> None:
        self._outside, self._every_s, self._fit = Outside(url, networks), every_s, fit

    async def run(self) -> None:
        """Until cancelled. What fails is logged once, and once when it is well again."""
        well = True
        try:
            while True:
                fault = await self._beat()
                if bool(fault) is well:
                    log.log(logging.WARNING if fault else logging.INFO, "heartbeat: %s", fault or "goes out again")
                    well = not fault
                await asyncio.sleep(self._every_s)
        finally:
            await self._outside.close()

    async def _beat(self) -> str:
        """What kept the sign from going out, or nothing."""
        try:
            if not await self._fit():
                return ""
            answer = await self._outside.send("GET")
        except (BalefireError, httpx.HTTPError) as error:
            return short(error)
        return "" if answer.is_success else f"{self._outside.host} answered {answer.status_code}"
