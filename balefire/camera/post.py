"""One frame to the server."""

from __future__ import annotations

import asyncio
import re
import socket
import time

import httpx
from ulid import ULID

from balefire.camera.frame import Frame
from balefire.camera.outcome import Answered, Away, Outcome, Refused, meaning, problem
from balefire.camera.redact import redact
from balefire.camera.settings import WatchSettings
from balefire.domain.camera import SLUG
from balefire.domain.errors import BadInput, BalefireError

# Of this process: a camera for which two send at once is told, and by this name the other one is found.
AGENT = f"{re.sub('[^A-Za-z0-9.-]', '-', socket.gethostname())[:60]}-{str(ULID())[-6:].lower()}"


class ServerRefused(BalefireError):
    """The server said 401, 403 or 404: the key, the camera or the address is wrong, and waiting does not help."""

    code = "server_refused"


class Poster:
    """Posts frames of one camera. The same frame may be posted again: its id makes that harmless."""

    def __init__(self, client: httpx.AsyncClient, server: str, camera: str, key: str, settings: WatchSettings) -> None:
        """Raises BadInput for a server that is no http address, or a camera that is no slug."""
        if not re.match(r"https?://[^/]", server):
            raise BadInput(f"a server is http://… or https://…, got {redact(server)}")
        if not SLUG.fullmatch(camera):
            raise BadInput(f"a camera's id is 1 to 63 of a–z, 0–9 and -, got {camera!r}")
        if not key.isascii() or not key.isprintable():
            raise BadInput("the key holds characters that no key has")
        self._client, self._settings = client, settings
        self._url = f"{server.rstrip('/')}/v1/cameras/{camera}/frames"
        self._key = key
        self._known = False

    async def post(self, frame: Frame, live: bool) -> Outcome:
        """live: it shows what is now, and says who sends; what waited in a spool or a file is nobody's rival."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                response = await self._send(frame, live)
        except TimeoutError:
            return Away(f"no answer within {self._settings.request_timeout_s:g} s")
        except httpx.InvalidURL as error:
            raise BadInput(f"the server's address cannot be used: {error}") from error
        except httpx.HTTPError as error:
            return Away(_why(error))
        outcome = meaning(response, (time.monotonic() - started) * 1000)
        self._known = self._known or isinstance(outcome, Answered)
        if isinstance(outcome, Refused) and outcome.fatal and self._known and not problem(response):
            return Away(outcome.detail)  # it has worked; a proxy in between speaks while the server restarts
        return outcome

    async def _send(self, frame: Frame, live: bool) -> httpx.Response:
        try:
            return await self._once(frame, live)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            # A connection that was kept may have been closed at the other end meanwhile: that is no outage yet.
            return await self._once(frame, live)

    async def _once(self, frame: Frame, live: bool) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": frame.media_type,
            "Captured-At": frame.captured_at.isoformat(),
            "Frame-Id": frame.id,
        }
        if live:
            headers["Camera-Agent"] = AGENT
        return await self._client.post(self._url, content=frame.picture, headers=headers)


def _why(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError):
        return f"cannot connect ({error})" if str(error) else "cannot connect"
    if isinstance(error, httpx.ConnectTimeout):
        return "cannot connect: no answer"
    return f"the connection broke ({type(error).__name__})"
