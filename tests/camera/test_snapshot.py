"""A camera that answers pictures over HTTP, and the ones that do not."""

from __future__ import annotations

import asyncio
import base64
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from balefire.camera.frame import Frame
from balefire.camera.settings import WatchSettings
from balefire.camera.snapshot import Snapshots
from balefire.camera.source import parse_source
from balefire.camera.status import Status
from balefire.vision.image import to_jpeg

PICTURE = to_jpeg(np.zeros((32, 32, 3), np.uint8))
QUICK = WatchSettings(fps=20, read_timeout_s=0.5, reconnect_first_s=0.05, reconnect_most_s=0.1)


class _Camera(BaseHTTPRequestHandler):
    """/snap is open, /basic and /digest ask for guard:s3cret-pw, the others answer what is no snapshot."""

    def do_GET(self) -> None:
        path, given = self.path.partition("?")[0], self.headers.get("Authorization", "")
        if path == "/digest" and not given.startswith('Digest username="guard"'):
            self._answer(401, b"", "WWW-Authenticate", 'Digest realm="cam", nonce="abc", qop="auth"')
        elif path == "/basic" and given != f"Basic {base64.b64encode(b'guard:s3cret-pw').decode()}":
            self._answer(401, b"", "WWW-Authenticate", 'Basic realm="cam"')
        elif path == "/moved":
            self._answer(302, b"", "Location", "http://guard:s3cret-pw@elsewhere/snap")
        elif path == "/mjpeg":
            body = b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + PICTURE + b"\r\n--x\r\n\r\nno picture\r\n"
            announced = b"--x\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE + b"\r\n"
            self._answer(200, body + announced, "Content-Type", 'multipart/x-mixed-replace; boundary="--x"')
        elif path == "/nameless":
            self._answer(200, PICTURE, "Content-Type", "multipart/x-mixed-replace")
        elif path == "/page":
            self._answer(200, b"<html>", "Content-Type", "image/jpeg")
        elif path == "/slow":
            time.sleep(1.0)
        else:
            self._answer(200, PICTURE, "Content-Type", "text/plain")

    def _answer(self, status: int, body: bytes, name: str, value: str) -> None:
        self.send_response(status)
        self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def camera() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Camera) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"guard:s3cret-pw@127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _watched(address: str, until: int) -> tuple[list[Frame], Status]:
    """`until` frames, or as much as was said until the source was lost."""
    source = parse_source(address)
    status, found = Status("ridge-1", source.shown, "a server"), list[Frame]()

    async def take(frame: Frame) -> bool:
        found.append(frame)
        return len(found) < until

    async def story() -> None:
        pump = asyncio.create_task(Snapshots(source, QUICK, status).pump(take))
        while not pump.done() and status.source != "lost":
            await asyncio.sleep(0.01)
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)

    asyncio.run(asyncio.wait_for(story(), 20))
    return found, status


@pytest.mark.parametrize("path", ["snap", "basic", "digest"])
def test_pictures_come_whether_or_not_the_camera_asks_who_it_is(camera: str, path: str) -> None:
    found, status = _watched(f"http://{camera}/{path}", until=4)
    assert [(frame.picture, frame.media_type) for frame in found] == [(PICTURE, "image/jpeg")] * 4
    assert status.source == "live"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("moved", "redirects to http://***@elsewhere/snap"),
        ("nameless", "names no boundary"),
        ("page", "not a JPEG"),
        ("slow", "no picture within 0.5 s"),
    ],
)
def test_what_is_no_snapshot_is_said(camera: str, path: str, said: str) -> None:
    found, status = _watched(f"http://{camera}/{path}", until=1)
    assert not found
    assert said in status.source_detail


def test_a_stream_of_pictures_is_read_whether_or_not_their_length_is_announced(camera: str) -> None:
    """The answer holds two pictures and something that is none, and ends: the stream is opened again."""
    found, status = _watched(f"http://{camera}/mjpeg", until=1)
    assert [frame.picture for frame in found] == [PICTURE]
    found, status = _watched(f"http://{camera}/mjpeg", until=99)
    assert found
    assert all(frame.picture == PICTURE for frame in found)
    assert "the stream ended" in status.source_detail


def test_a_wrong_password_is_said_without_it(camera: str) -> None:
    _, status = _watched(f"http://{camera.replace('s3cret-pw', 'other-pw')}/basic", until=1)
    assert "401" in status.source_detail
    assert "other-pw" not in str(status)


def test_the_password_is_in_no_log(camera: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _watched(f"http://{camera}/basic", until=2)
    assert "s3cret-pw" not in caplog.text
