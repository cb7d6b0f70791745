"""Live streams that send what no camera should: frames come again as soon as the camera is sane."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from balefire.camera.frame import Frame, Take
from balefire.camera.settings import WatchSettings
from balefire.camera.source import parse_source
from balefire.camera.status import Status
from balefire.camera.stream import ChildSource
from balefire.vision.headers import read_header
from tests.camera.conftest import RtspServer
from tests.serving.service import free_port

QUICK = WatchSettings(fps=5, read_timeout_s=3, picture_timeout_s=4, reconnect_first_s=0.1, reconnect_most_s=0.3)


class BadLine:
    """Stands between a camera and its reader; while `bad`, the bytes of the pictures are others."""

    def __init__(self, port: int) -> None:
        self.bad, self.spoilt = threading.Event(), 0
        self._to, self._listening = port, socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                reader, _ = self._listening.accept()
                camera = socket.create_connection(("127.0.0.1", self._to))
                threading.Thread(target=self._carry, args=(reader, camera, False), daemon=True).start()
                threading.Thread(target=self._carry, args=(camera, reader, True), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, may_spoil: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                if may_spoil and self.bad.is_set():
                    self.spoilt += 1
                    data = data[:16] + os.urandom(max(len(data) - 16, 0))
                sink.sendall(data)
        source.close()
        sink.close()

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def line(rtsp: RtspServer) -> Iterator[BadLine]:
    bad = BadLine(rtsp.port)
    yield bad
    bad.close()


def _watch(address: str, take: Take, settings: WatchSettings = QUICK) -> None:
    source = parse_source(address)
    status = Status("ridge-1", source.shown, "a server")
    asyncio.run(asyncio.wait_for(ChildSource(source, settings, status).pump(take), 60))


def test_garbage_between_frames_costs_those_frames_only(line: BadLine) -> None:
    before, after = list[Frame](), list[Frame]()

    async def take(frame: Frame) -> bool:
        read_header(frame.picture)  # whatever is handed over is a picture
        if line.spoilt == 0:
            before.append(frame)
            if len(before) == 5:
                line.bad.set()
                threading.Timer(1.5, line.bad.clear).start()
        elif not line.bad.is_set():
            after.append(frame)
        return len(after) < 5

    _watch(f"rtsp://127.0.0.1:{line.port}/live", take)
    assert line.spoilt > 0
    assert len(before) >= 5


def test_a_camera_that_comes_back_with_another_size_is_read_on() -> None:
    server, sizes = RtspServer().start(), list[tuple[int, int]]()

    async def take(frame: Frame) -> bool:
        header = read_header(frame.picture)
        sizes.append((header.width, header.height))
        if len(sizes) == 3:
            server.kill()
            server.settings["SIZE"] = "640x480"
            await asyncio.to_thread(server.start)
        return sizes.count((640, 480)) < 3

    try:
        _watch(server.url, take)
    finally:
        server.kill()
    assert sizes[:3] == [(320, 240)] * 3
    assert sizes[-3:] == [(640, 480)] * 3


def test_a_rate_that_is_a_lie_changes_nothing() -> None:
    """It says a hundred frames a second and sends ten; it is asked for five, and gives five by the clock on the wall."""
    server, taken = RtspServer(settings={"RATE": "100", "SLOW": "0.1"}).start(), list[float]()

    async def take(frame: Frame) -> bool:
        taken.append(frame.captured_at.timestamp())
        return len(taken) < 12

    try:
        _watch(server.url, take)
    finally:
        server.kill()
    assert taken == sorted(taken)
    assert taken[-1] - taken[0] > 1.0  # by its own word these would be a tenth of a second


def test_key_frames_that_are_far_apart_slow_nothing_down() -> None:
    """Key frames alone are asked for, but one in twelve seconds is none to wait for: every frame is decoded instead."""
    server, taken = RtspServer(settings={"KEY": "300"}).start(), list[Frame]()

    async def take(frame: Frame) -> bool:
        taken.append(frame)
        return len(taken) < 30

    settings = replace(QUICK, key_frames=True)
    try:
        _watch(server.url, take, settings)
    finally:
        server.kill()
    pauses = [(after.captured_at - before.captured_at).total_seconds() for before, after in pairwise(taken)]
    assert sorted(pauses)[len(pauses) // 2] < 1  # five a second are asked for; a key frame alone would come each twelve


def test_rubbish_instead_of_a_stream_is_tried_again() -> None:
    """A recorder that restarts answers rubbish for a while, on the very port on which the camera stands later."""
    server, back = RtspServer(port=free_port()), threading.Event()
    taken = list[Frame]()

    def babble() -> None:
        with socket.create_server(("127.0.0.1", server.port)) as listening:
            for _ in range(3):
                connection, _ = listening.accept()
                connection.sendall(b"RTSP/1.0 200 OK\r\n" + os.urandom(3000))
                time.sleep(0.1)
                connection.close()
        server.start()
        back.set()

    async def take(frame: Frame) -> bool:
        taken.append(frame)
        return len(taken) < 3

    threading.Thread(target=babble, daemon=True).start()
    try:
        _watch(server.url, take)
    finally:
        back.wait(20)
        server.kill()
    assert len(taken) == 3
