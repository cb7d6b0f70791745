"""Real parts for the camera side: an RTSP server from Debian's packages, footage made on the spot."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from balefire.vision.image import to_jpeg
from tests.camera.frames_server import FramesServer
from tests.needs import missing, program
from tests.serving.service import free_port

SERVER = Path(__file__).parent / "rtsp_server.py"


@dataclass
class RtspServer:
    """May be killed, paused and started again on the same port."""

    port: int = field(default_factory=free_port)
    credentials: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)  # SIZE, RATE, SLOW, KEY
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        user = ":".join(self.credentials) + "@" if self.credentials else ""
        return f"rtsp://{user}127.0.0.1:{self.port}/live"

    def start(self) -> RtspServer:
        command = ["/usr/bin/python3", str(SERVER), str(self.port), *self.credentials]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **self.settings}
        )
        assert self.process.stdout is not None
        if self.process.stdout.readline().strip() != "ready":
            assert self.process.stderr is not None
            missing(f"no RTSP server: {self.process.stderr.read().strip()[-300:]}")
        return self

    def send(self, sign: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, sign)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture
def rtsp() -> Iterator[RtspServer]:
    server = RtspServer().start()
    yield server
    server.kill()


@pytest.fixture
def frames() -> Iterator[FramesServer]:
    with FramesServer() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine different pictures."""
    made = tmp_path / "pictures"
    made.mkdir()
    for number in range(9):
        pixels = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
        (made / f"{number}.jpg").write_bytes(to_jpeg(pixels))
    return made


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Three seconds at 10 frames a second."""
    path = tmp_path / "video.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=10", "-t", "3", "-pix_fmt", "yuv420p"]
    subprocess.run([program("ffmpeg"), "-loglevel", "error", *source, str(path)], check=True)
    return path
