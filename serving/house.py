"""Everything a running service holds, in one value that the routes are given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from balefire.domain.access import Principal
from balefire.domain.policy import Policies
from balefire.flows import access
from balefire.flows.ports import Clock, Database, FrameStore
from balefire.flows.watch import Watch
from balefire.settings import Settings
from serving.key_ring import KeyRing
from serving.pace import Pace

if TYPE_CHECKING:
    from balefire.vision.eye import EngineEye

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class House:
    """`threads` runs what blocks: database, frame store, password hashes."""

    settings: Settings
    database: Database
    store: FrameStore
    eye: EngineEye
    watch: Watch
    policies: Policies
    clock: Clock
    threads: ThreadPoolExecutor
    pace: Pace
    keys: KeyRing = field(default_factory=KeyRing)

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what blocks off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(work, *args, **kwargs))

    async def key_principal(self, text: str) -> Principal | None:
        if known := self.keys.holder(text):
            return known
        found = await self.in_thread(access.key_principal, self.database, text)
        if found is not None:
            self.keys.remember(text, found)
        return found

    async def session_principal(self, token: str) -> Principal | None:
        return await self.in_thread(access.session_principal, self.database, token, self.clock.now())
