"""A camera that answers one picture for each HTTP GET."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from balefire.camera.backoff import Backoff
from balefire.camera.frame import Frame, Take
from balefire.camera.redact import credentials, redact, scrub, secrets_of, without_credentials
from balefire.camera.settings import WatchSettings
from balefire.camera.source import Source
from balefire.camera.status import Status
from balefire.domain.errors import BadInput, NotAnImage, SourceLost
from balefire.vision.headers import sniff

MOST_BYTES = 64 << 20


class CameraAuth(httpx.Auth):
    """Digest where the camera asks for it, else Basic: the password goes openly only to a camera that wants it so."""

    def __init__(self, name: str, password: str) -> None:
        self._digest, self._basic = httpx.DigestAuth(name, password), httpx.BasicAuth(name, password)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        flow = self._digest.auth_flow(request)
        response = yield next(flow)
        wants_basic = response.headers.get("WWW-Authenticate", "").lower().startswith("basic")
        if response.status_code == 401 and wants_basic:
            yield from self._basic.auth_flow(request)
            return
        try:
            yield flow.send(response)
        except StopIteration:
            return


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Gets a picture 1/fps apart. The time of its arrival is the time of its capture."""

    source: Source
    settings: WatchSettings
    status: Status

    async def pump(self, take: Take) -> None:
        """Never ends by itself: a camera that is away may come back. Raises BadInput for an address that is none."""
        backoff = Backoff(self.settings.reconnect_first_s, self.settings.reconnect_most_s)
        async with httpx.AsyncClient(auth=self._auth(), timeout=self.settings.read_timeout_s) as client:
            while True:
                started = time.monotonic()
                try:
                    frame = await self._get(client)
                except SourceLost as error:
                    self.status.source_is("lost", str(error))
                    await asyncio.sleep(backoff.next_s())
                    continue
                backoff.reset()
                self.status.source_is("live")
                if not await take(frame):
                    return
                await asyncio.sleep(max(started + 1 / self.settings.fps - time.monotonic(), 0))

    async def _get(self, client: httpx.AsyncClient) -> Frame:
        try:
            async with asyncio.timeout(self.settings.read_timeout_s):
                data = await self._download(client)
            return Frame.new(datetime.now(UTC), data, f"image/{sniff(data)}")
        except TimeoutError as error:
            raise SourceLost(f"no picture within {self.settings.read_timeout_s:g} s") from error
        except httpx.InvalidURL as error:
            raise BadInput(f"{self.source.shown}: the address cannot be used") from error
        except httpx.HTTPError as error:
            detail = scrub(str(error), secrets_of(self.source.address)) or type(error).__name__
            raise SourceLost(f"no connection ({detail})") from error
        except NotAnImage as error:
            raise SourceLost(str(error)) from error

    async def _download(self, client: httpx.AsyncClient) -> bytes:
        """Raises SourceLost for another answer than 200, a stream without end, or too many bytes."""
        data = bytearray()
        async with client.stream("GET", without_credentials(self.source.address)) as response:
            if response.is_redirect:
                raise SourceLost(f"the camera redirects to {redact(response.headers.get('Location', 'nowhere'))}")
            if response.status_code != 200:
                raise SourceLost(f"the camera answers {response.status_code} {response.reason_phrase}")
            if response.headers.get("Content-Type", "").startswith("multipart/"):
                raise SourceLost("the address sends a stream of pictures (MJPEG), not a snapshot")
            async for part in response.aiter_bytes():
                data += part
                if len(data) > MOST_BYTES:
                    raise SourceLost(f"the picture is larger than {MOST_BYTES >> 20} MB")
        return bytes(data)

    def _auth(self) -> CameraAuth | None:
        found = credentials(self.source.address)
        return CameraAuth(*found) if found else None
