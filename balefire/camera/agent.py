"""Many cameras in one process: `balefire watch --config configs/cameras.toml`. What fails in one is no other's affair."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console

from balefire.camera.backoff import Backoff
from balefire.camera.config import AgentConfig, Watched
from balefire.camera.display import line_printer, report, show, tell
from balefire.camera.edge import AtTheEdge, EdgeEyes
from balefire.camera.frame import Pumped
from balefire.camera.hours import WithinHours
from balefire.camera.redact import hide_arguments, redact, scrub, secrets_of
from balefire.camera.status import Status
from balefire.camera.watch import Job, http_client, open_source, quieten_http, stopped_by_signals
from balefire.domain.errors import BalefireError


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """Waits of the agent itself; those of each stream stand in its WatchSettings. Seconds."""

    again_first_s: float = 5.0  # after a camera failed for good: a wrong key, an unknown id, a file that cannot be read
    again_most_s: float = 300.0
    report_every_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Agent:
    """Watches every camera of `config` until it is stopped, or until all of them are files that have ended.

    `spools`: folder below which each camera's frames wait; None: the user's cache folder. `eyes`: for `--edge`.
    """

    config: AgentConfig
    spools: Path | None = None
    eyes: EdgeEyes | None = None
    settings: AgentSettings = AgentSettings()
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def run(self, console: Console | None = None) -> list[Status]:
        """Blocks. Ctrl-C and SIGTERM end it; what is in hand then gets spooled. Answers each camera's status."""
        console = console or Console(stderr=True)
        statuses = self.statuses()
        try:
            asyncio.run(self._until_stopped(statuses, console))
        finally:
            say = line_printer(console)
            for status in statuses:
                tell(status, say)
                report(status, say)
        return statuses

    def statuses(self) -> list[Status]:
        """A fresh one for each camera, in the configuration's order."""
        server = redact(self.config.server)
        return [Status(camera.camera, camera.source.shown, server) for camera in self.config.cameras]

    async def _until_stopped(self, statuses: list[Status], console: Console) -> None:
        screen = asyncio.create_task(show(statuses, console, self.settings.report_every_s))
        try:
            with stopped_by_signals():
                await self.watch(statuses)
        finally:
            screen.cancel()
            await asyncio.gather(screen, return_exceptions=True)

    async def watch(self, statuses: list[Status]) -> None:
        """Until it is cancelled, or all sources are files that have ended. statuses: of `statuses()`."""
        for camera in self.config.cameras:
            hide_arguments([camera.key, *secrets_of(camera.source.address)])
        quieten_http()
        turn = asyncio.Semaphore(1)
        async with (
            http_client(self.config.cameras[0].settings, connections=len(statuses) + 4) as client,
            asyncio.TaskGroup() as group,
        ):
            for camera, status in zip(self.config.cameras, statuses, strict=True):
                group.create_task(self._keep_watching(camera, status, client, turn))

    async def _keep_watching(self, camera: Watched, status: Status, client: httpx.AsyncClient, turn: asyncio.Semaphore) -> None:
        """For ever, whatever one camera's watch ends with; only the end of a file ends it."""
        backoff = Backoff(self.settings.again_first_s, self.settings.again_most_s)
        while True:
            taken = status.counts.taken
            try:
                return await self._job(camera, status, turn).run_with(client)
            except BalefireError as error:
                detail = str(error)
            except Exception as error:  # a fault of ours in one camera must not end the others
                detail = f"{type(error).__name__}: {error}"
            if status.counts.taken > taken:
                backoff.reset()
            status.source_is("failed", scrub(detail, secrets_of(camera.source.address)))
            await asyncio.sleep(backoff.next_s())

    def _job(self, camera: Watched, status: Status, turn: asyncio.Semaphore) -> Job:
        eyes: Pumped = open_source(camera.source, camera.settings, status, realtime=True, loop=camera.loop)
        if self.eyes is not None:
            eyes = AtTheEdge(eyes, self.eyes.of(camera.detectors), status, camera.heartbeat_s, turn)
        eyes = WithinHours(eyes, camera.active, status, self.clock)
        spool = self.spools / camera.camera if self.spools else None
        return Job(eyes, status, camera.settings, self.config.server, camera.key, spool, waits=False, limit=None)
