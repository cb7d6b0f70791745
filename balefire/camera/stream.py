"""A source that a child process reads: watched, killed when it hangs, started again for ever."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO, Any

from balefire.camera.backoff import Backoff
from balefire.camera.footage import ReadOrder
from balefire.camera.frame import HEAD, Frame, Take, lengths
from balefire.camera.redact import scrub, secrets_of
from balefire.camera.settings import WatchSettings
from balefire.camera.source import Source
from balefire.camera.status import Status
from balefire.domain.errors import BadInput, SourceLost

PIPE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ChildSource:
    """RTSP streams, video files, scenes. `pump` returns when a file ends, and never for a stream."""

    source: Source
    settings: WatchSettings
    status: Status
    realtime: bool = True
    loop: bool = False

    async def pump(self, take: Take) -> None:
        """Raises BadInput where the source can never be read."""
        backoff = Backoff(self.settings.reconnect_first_s, self.settings.reconnect_most_s)
        while True:
            self.status.source_is("connecting")
            try:
                await self._read(take, backoff)
                self.status.source_is("ended")
                return
            except SourceLost as error:
                wait_s = backoff.next_s()
                self.status.source_is("lost", str(error))
            await asyncio.sleep(wait_s)

    async def _read(self, take: Take, backoff: Backoff) -> None:
        """One child's life, until the source ends or `take` wants no more. Raises SourceLost, BadInput."""
        with tempfile.TemporaryFile() as complaints:
            process = await _start(complaints)
            try:
                await self._order(process)
                await self._receive(process, take, backoff)
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                raise SourceLost(f"the reading process ended: {self._last_line(complaints)}") from error
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()

    async def _order(self, process: asyncio.subprocess.Process) -> None:
        order = ReadOrder(
            kind=self.source.kind,
            address=self.source.address,
            fps=self.settings.fps,
            realtime=self.realtime,
            loop=self.loop,
            jpeg_quality=self.settings.jpeg_quality,
            picture_timeout_s=self.settings.picture_timeout_s,
            alive_every_s=min(1.0, self.settings.read_timeout_s / 4),
            seed=self.source.seed,
            starts_s=self.source.starts_s,
            privacy_masks=self.settings.privacy_masks,
            gate=self.settings.gate,
            key_frames=self.settings.key_frames,
        )
        assert process.stdin
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        await process.stdin.drain()

    async def _receive(self, process: asyncio.subprocess.Process, take: Take, backoff: Backoff) -> None:
        assert process.stdout
        timeout_s = self.settings.start_timeout_s
        while True:
            header, body = await _message(process.stdout, timeout_s)
            timeout_s = self.settings.read_timeout_s
            if header["kind"] == "frame":
                backoff.reset()
                self.status.source_is("live")
                if not await take(Frame.new(datetime.fromisoformat(header["captured_at"]), body)):
                    return
            elif header["kind"] == "lost":
                detail = scrub(header["detail"], secrets_of(self.source.address))
                raise BadInput(f"{self.source.shown}: {detail}") if header["fatal"] else SourceLost(detail)
            elif header["kind"] == "end":
                return

    def _last_line(self, complaints: IO[bytes]) -> str:
        complaints.seek(0)
        lines = complaints.read(1 << 20).decode(errors="replace").strip().splitlines() or ["it said nothing"]
        return scrub(lines[-1], secrets_of(self.source.address))


async def _start(complaints: IO[bytes]) -> asyncio.subprocess.Process:
    """The address is no argument: everyone may read those."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "balefire.camera.reader",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=complaints,
        limit=PIPE_BYTES,
        start_new_session=True,  # Ctrl-C goes to the parent alone, which ends its children
    )


async def _message(pipe: asyncio.StreamReader, timeout_s: float) -> tuple[dict[str, Any], bytes]:
    """Raises SourceLost where nothing comes for `timeout_s`."""
    try:
        async with asyncio.timeout(timeout_s):
            header, body = lengths(await pipe.readexactly(HEAD.size))
            return dict(json.loads(await pipe.readexactly(header))), await pipe.readexactly(body)
    except TimeoutError as error:
        raise SourceLost(f"nothing came for {timeout_s:g} s; the read was killed") from error
