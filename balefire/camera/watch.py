"""`balefire watch`: one source to one camera of one server, until the source ends or Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from rich.console import Console

from balefire.camera.display import line_printer, show, tell
from balefire.camera.frame import Pumped
from balefire.camera.live import LiveAgent
from balefire.camera.no_spool import NoSpool
from balefire.camera.pictures import PictureFolder
from balefire.camera.playback import Playback
from balefire.camera.post import Poster
from balefire.camera.redact import hide_arguments, redact, secrets_of
from balefire.camera.settings import WatchSettings
from balefire.camera.snapshot import Snapshots
from balefire.camera.source import Source, SourceKind, parse_source
from balefire.camera.spool import Spool, spool_folder
from balefire.camera.status import Counts, Status
from balefire.camera.stream import ChildSource
from balefire.domain.errors import BadInput


def watch(
    source: str,
    camera: str,
    server: str,
    key: str,
    *,
    fps: float | None = None,
    realtime: bool = True,
    loop: bool = False,
    once: bool = False,
    spool: Path | None = None,
    settings: WatchSettings | None = None,
    console: Console | None = None,
) -> Counts:
    """Send `source` as `camera` to `server`. Ctrl-C and SIGTERM end it like the end of a file: the counts come back.

    fps: frames a second; None: as in `settings`.
    realtime: files play at their own pace and count as live; otherwise as fast as the server answers.
    loop: play files again and again. once: one frame, sent until it is acknowledged.
    spool: folder for frames that wait for the server; None: in the user's cache folder.
    Raises BadInput, ServerRefused, and Conflict where this machine already watches that camera.
    """
    hide_arguments([key, *secrets_of(source), *secrets_of(server)])
    quieten_http()
    settings = settings or WatchSettings()
    settings = settings if fps is None else replace(settings, fps=fps)
    found = parse_source(source)
    if not realtime and (found.live or loop):
        raise BadInput("--fast is for a video file or a folder that ends: a live source and --loop play in real time")
    status = Status(camera, found.shown, redact(server))
    console = console or Console(stderr=True)
    eyes = open_source(found, settings, status, realtime=realtime, loop=loop)
    job = Job(eyes, status, settings, server, key, spool, waits=once or not realtime, limit=1 if once else None)
    try:
        asyncio.run(_until_stopped(job, console))
    finally:
        say = line_printer(console)
        tell(status, say)
        say(f"{camera}: {status.counts}")
    return status.counts


def quieten_http() -> None:
    """httpx logs addresses, and some cameras want the password in theirs."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, repr=False)
class Job:
    """One source on its way to one camera. `waits`: each frame is delivered before the next one is read."""

    eyes: Pumped
    status: Status
    settings: WatchSettings
    server: str
    key: str
    spool: Path | None
    waits: bool
    limit: int | None

    async def run(self) -> None:
        """With connections of its own. Raises BadInput, ServerRefused, Conflict."""
        async with http_client(self.settings) as client:
            await self.run_with(client)

    async def run_with(self, client: httpx.AsyncClient) -> None:
        """Raises BadInput, ServerRefused, Conflict."""
        poster = Poster(client, self.server, self.status.camera, self.key, self.settings)
        if self.waits:
            await Playback(poster, self.status, self.settings, self.limit).run(self.eyes)
        else:
            await self._run_live(poster)

    async def _run_live(self, poster: Poster) -> None:
        with closing(self._opened()) as spool:
            await LiveAgent(poster, spool, self.status, self.settings).run(self.eyes)

    def _opened(self) -> Spool | NoSpool:
        """A disk that is full or cannot be written must not blind a camera. Raises Conflict."""
        folder = self.spool or spool_folder(self.status.camera, self.server)
        try:
            return Spool(folder, self.settings.spool_bytes)
        except OSError as error:
            self.status.notes.append(f"spool: {error.strerror}; what an outage holds back will be lost")
            return NoSpool(error)


def http_client(settings: WatchSettings, connections: int = 2) -> httpx.AsyncClient:
    """To one server, for all cameras of this process."""
    timeout = httpx.Timeout(settings.request_timeout_s, connect=settings.connect_timeout_s)
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(timeout=timeout, limits=limits)


async def _until_stopped(job: Job, console: Console) -> None:
    screen = asyncio.create_task(show([job.status], console, job.settings.report_every_s))
    try:
        with stopped_by_signals():
            await job.run()
    finally:
        screen.cancel()
        await asyncio.gather(screen, return_exceptions=True)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM cancel what runs inside, which then cleans up; that is an end, not an error."""
    task, loop, stopped = asyncio.current_task(), asyncio.get_running_loop(), threading.Event()
    assert task

    def stop() -> None:
        if not stopped.is_set():  # a second Ctrl-C must not interrupt the cleaning up
            stopped.set()
            task.cancel()

    signals = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    for number in signals:
        loop.add_signal_handler(number, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not stopped.is_set():
            raise
        task.uncancel()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def open_source(source: Source, settings: WatchSettings, status: Status, *, realtime: bool, loop: bool) -> Pumped:
    """The reader for each kind of source."""
    if source.kind == SourceKind.SNAPSHOT:
        return Snapshots(source, settings, status)
    if source.kind == SourceKind.PICTURES:
        return PictureFolder(Path(source.address), settings, status, realtime, loop)
    return ChildSource(source, settings, status, realtime, loop)
