"""A camera that answers pictures over HTTP: one for each GET, or one after the other in a single answer (MJPEG)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from balefire.camera.backoff import Backoff
from balefire.camera.frame import Frame, Take
from balefire.camera.mjpeg import boundary_of, pictures
from balefire.camera.redact import credentials, redact, scrub, secrets_of, without_credentials
from balefire.camera.settings import WatchSettings
from balefire.camera.sieve import Sieve
from balefire.camera.source import Source
from balefire.camera.status import Status
from balefire.domain.errors import BadInput, BrokenImage, ImageTooLarge, NotAnImage, SourceLost
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
        sieve = Sieve(self.settings.privacy_masks, self.settings.gate, self.settings.jpeg_quality)

        async def handed_over(picture: bytes) -> bool:
            backoff.reset()
            self.status.source_is("live")
            kept = await asyncio.to_thread(_sifted, sieve, picture)
            return kept is None or await take(Frame.new(datetime.now(UTC), *kept))

        async with httpx.AsyncClient(auth=self._auth(), timeout=self.settings.read_timeout_s) as client:
            while True:
                started = time.monotonic()
                try:
                    if not await self._ask(client, handed_over):
                        return
                except SourceLost as error:
                    self.status.source_is("lost", str(error))
                    await asyncio.sleep(backoff.next_s())
                    continue
                await asyncio.sleep(max(started + 1 / self.settings.fps - time.monotonic(), 0))

    async def _ask(self, client: httpx.AsyncClient, hand_over: Callable[[bytes], Awaitable[bool]]) -> bool:
        """One request: a picture, or pictures until the stream breaks. Whether more are wanted. Raises SourceLost, BadInput."""
        try:
            async with client.stream("GET", without_credentials(self.source.address)) as response:
                self._check(response)
                kind = response.headers.get("Content-Type", "")
                if kind.lower().startswith("multipart/"):
                    return await self._follow(response, boundary_of(kind), hand_over)
                async with asyncio.timeout(self.settings.read_timeout_s):
                    data = await _download(response)
            return await hand_over(data)
        except (TimeoutError, httpx.ReadTimeout) as error:
            raise SourceLost(f"no picture within {self.settings.read_timeout_s:g} s") from error
        except httpx.InvalidURL as error:
            raise BadInput(f"{self.source.shown}: the address cannot be used") from error
        except httpx.HTTPError as error:
            detail = scrub(str(error), secrets_of(self.source.address)) or type(error).__name__
            raise SourceLost(f"no connection ({detail})") from error
        except (NotAnImage, BrokenImage, ImageTooLarge) as error:
            raise SourceLost(str(error)) from error

    async def _follow(self, response: httpx.Response, boundary: bytes, hand_over: Callable[[bytes], Awaitable[bool]]) -> bool:
        """Every picture is read, so that none waits in a buffer and grows old; those that are due are handed over."""
        due_s, found = 0.0, aiter(pictures(response.aiter_bytes(), boundary, MOST_BYTES))
        while True:
            async with asyncio.timeout(self.settings.picture_timeout_s if due_s else self.settings.read_timeout_s):
                picture = await anext(found, None)
            if picture is None:
                raise SourceLost("the stream ended")
            if (now := time.monotonic()) >= due_s:
                due_s = max(due_s + 1 / self.settings.fps, now + 0.5 / self.settings.fps)
                if not await hand_over(picture):
                    return False

    def _check(self, response: httpx.Response) -> None:
        """Raises SourceLost for another answer than 200."""
        if response.is_redirect:
            raise SourceLost(f"the camera redirects to {redact(response.headers.get('Location', 'nowhere'))}")
        if response.status_code != 200:
            raise SourceLost(f"the camera answers {response.status_code} {response.reason_phrase}")

    def _auth(self) -> CameraAuth | None:
        found = credentials(self.source.address)
        return CameraAuth(*found) if found else None


def _sifted(sieve: Sieve, picture: bytes) -> tuple[bytes, str] | None:
    return sieve.encoded(picture, f"image/{sniff(picture)}")


async def _download(response: httpx.Response) -> bytes:
    """Raises SourceLost for too many bytes."""
    data = bytearray()
    async for part in response.aiter_bytes():
        data += part
        if len(data) > MOST_BYTES:
            raise SourceLost(f"the picture is larger than {MOST_BYTES >> 20} MB")
    return bytes(data)
