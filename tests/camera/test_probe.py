"""`balefire cameras test`: what real streams deliver, and what is said of those that deliver nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from balefire.camera.probe import Report, faults, probe
from balefire.camera.probe_reader import Found
from balefire.camera.source import parse_source
from balefire.settings import CHECKOUT
from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene
from tests.camera.conftest import RtspServer
from tests.needs import program
from tests.serving.service import free_port

GOOD = Found(codec="h264", width=1920, height=1080, declared_fps=25.0, packets=200, pictures=200, distinct=200, sizes=1,
             first_picture_s=0.5, read_s=8.0, measured_fps=25.0, key_every_s=2.0)  # fmt: skip
LIVE = parse_source("rtsp://camera.example/live")


def _probed(address: str, seconds: float = 8.0) -> Report:
    return asyncio.run(probe(parse_source(address), seconds))


def test_a_live_stream_is_described(rtsp: RtspServer) -> None:
    report = _probed(rtsp.url)
    found = report.found
    assert (found.codec, found.width, found.height, found.declared_fps) == ("h264", 320, 240, 25.0)
    assert found.key_every_s == pytest.approx(1.0, abs=0.1)
    assert found.distinct > 10
    assert report.picture is not None
    assert report.picture[:3] == b"\xff\xd8\xff"
    assert [line for line in report.wrong if "pixels wide" in line]


@pytest.mark.parametrize(("key", "said"), [("150", "key frames are 6 s apart"), ("300", "no two key frames in")])
def test_rare_key_frames_are_named(key: str, said: str) -> None:
    server = RtspServer(settings={"KEY": key}).start()
    try:
        report = _probed(server.url, seconds=16.0)
    finally:
        server.kill()
    assert [line for line in report.wrong if line.startswith(said)]


def test_a_wrong_password_is_named_and_never_shown() -> None:
    server = RtspServer(credentials=("guard", "s3cret-pw")).start()
    try:
        report = _probed(f"rtsp://guard:wr0ng-pw@127.0.0.1:{server.port}/live")
        assert report.wrong[0].endswith("name or password is wrong")
        assert "wr0ng-pw" not in str(report)
        assert _probed(server.url).found.pictures > 0
    finally:
        server.kill()


def test_a_stream_that_hangs_is_left_in_time(rtsp: RtspServer) -> None:
    rtsp.send(signal.SIGSTOP)
    try:
        report = _probed(rtsp.url, seconds=4)
        assert report.wrong == ("nothing comes within 4 s; the read was ended",)
    finally:
        rtsp.send(signal.SIGCONT)


def test_a_stream_that_stops_in_the_middle_is_still_described(rtsp: RtspServer) -> None:
    pause = threading.Timer(5.0, rtsp.send, (signal.SIGSTOP,))
    pause.start()
    try:
        found = _probed(rtsp.url, seconds=10).found
    finally:
        pause.join()
        rtsp.send(signal.SIGCONT)
    assert found.codec == "h264"
    assert found.pictures > 0


def test_nobody_listens_and_nobody_is_called_so() -> None:
    (refused,) = _probed(f"rtsp://127.0.0.1:{free_port()}/live").wrong
    assert "nothing listens there" in refused
    (unknown,) = _probed("rtsp://user:pass-word@no-such-host.invalid/live").wrong
    assert unknown == "no host no-such-host.invalid: the name cannot be resolved"


def test_what_is_no_video_is_said_to_be_none(tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.mp4"
    rubbish.write_bytes(os.urandom(50_000))
    (wrong,) = _probed(str(rubbish)).wrong
    assert "no video" in wrong


def test_a_rate_that_is_a_lie_is_measured() -> None:
    server = RtspServer(settings={"RATE": "50", "SLOW": "0.1"}).start()
    try:
        report = _probed(server.url, seconds=10)
    finally:
        server.kill()
    assert report.found.declared_fps == 50.0
    assert report.found.measured_fps is not None
    assert report.found.measured_fps < 15
    assert any(line.startswith("it says 50 frames a second and sends") for line in report.wrong)


def test_the_password_does_not_stand_in_the_process_list(rtsp: RtspServer) -> None:
    rtsp.send(signal.SIGSTOP)  # so that it waits
    address = rtsp.url.replace("rtsp://", "rtsp://guard:pr0be-secret@")
    command = [sys.executable, "-m", "balefire", "cameras", "test", address, "--seconds", "6"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=CHECKOUT)
    try:
        shown, deadline = True, time.monotonic() + 60
        while shown and time.monotonic() < deadline:
            time.sleep(0.1)
            shown = b"pr0be-secret" in Path(f"/proc/{process.pid}/cmdline").read_bytes()
            assert process.poll() is None, "it ended before its arguments were hidden"
        assert not shown
        said, _ = process.communicate(timeout=60)
    finally:
        rtsp.send(signal.SIGCONT)
        process.kill()
    assert "pr0be-secret" not in said


def test_garbage_instead_of_rtsp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def babble() -> None:
            connection, _ = listening.accept()
            connection.sendall(os.urandom(5000))
            connection.close()

        threading.Thread(target=babble, daemon=True).start()
        report = _probed(f"rtsp://127.0.0.1:{listening.getsockname()[1]}/live", seconds=5)
    assert report.found.pictures == 0
    assert report.wrong


def test_a_file_is_read_to_its_end(video: Path) -> None:
    found = _probed(str(video)).found
    assert (found.pictures, found.distinct, found.declared_fps, found.ended) == (30, 30, 10.0, True)


def test_one_picture_for_ever_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    source = ["-f", "lavfi", "-i", "color=c=gray:size=640x360:rate=10", "-t", "2", "-pix_fmt", "yuv420p"]
    subprocess.run([program("ffmpeg"), "-loglevel", "error", *source, str(path)], check=True)
    wrong = _probed(str(path)).wrong
    assert wrong[0] == "the same picture 20 times: the camera or its encoder is frozen"
    assert wrong[-1] == "nothing but one flat surface"


def test_a_folder_is_described(folder: Path) -> None:
    found = _probed(str(folder)).found
    assert (found.pictures, found.distinct, found.codec, found.width) == (9, 9, "jpeg", 64)


class _Snapshot(BaseHTTPRequestHandler):
    picture = b""

    def do_GET(self) -> None:
        if self.path == "/none":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(self.picture)))
        self.end_headers()
        self.wfile.write(self.picture)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def snapshot() -> Iterator[str]:
    _Snapshot.picture = to_jpeg(np.ascontiguousarray(scene("hillside", size=(1280, 720)).frame(0.0)))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Snapshot) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_snapshot_that_never_changes(snapshot: str) -> None:
    report = _probed(f"{snapshot}/snap", seconds=5)
    assert (report.found.width, report.found.codec, report.found.distinct) == (1280, "jpeg", 1)
    assert report.wrong == (f"the same picture {report.found.pictures} times: the camera or its encoder is frozen",)


def test_a_snapshot_that_is_not_there(snapshot: str) -> None:
    (wrong,) = _probed(f"{snapshot}/none", seconds=4).wrong
    assert "404" in wrong
    assert "look up the path" in wrong


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"measured_fps": 5.0}, "it says 25 frames a second and sends 5"),
        ({"key_every_s": 10.0}, "key frames are 10 s apart"),
        ({"key_every_s": None}, "no two key frames in 8 s"),
        ({"sizes": 2}, "it changed its size"),
        ({"damaged": 20}, "20 of 200 packets are damaged"),
        ({"jumps": 3}, "its time jumped 3 times"),
        ({"distinct": 1}, "the same picture 200 times"),
        ({"width": 320}, "320 pixels wide"),
        ({"ended": True}, "the stream ended by itself"),
    ],
)
def test_each_fault_has_its_sentence(changed: dict[str, object], said: str | None) -> None:
    wrong = faults(Found(**{**{name: getattr(GOOD, name) for name in Found.__slots__}, **changed}), LIVE, None)
    assert ([] if said is None else [said]) == [line[: len(said or "")] for line in wrong]


def test_the_command_shows_writes_and_fails(video: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "balefire", "cameras", "test", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT, timeout=60)

    picture = tmp_path / "one.jpg"
    done = run(str(video), "--picture", str(picture), "--json")
    said = json.loads(done.stdout)
    assert (said["codec"], said["pictures"]) == ("h264", 30)
    assert done.returncode == 1  # 320 pixels are few
    assert picture.read_bytes()[:3] == b"\xff\xd8\xff"
    shown = run(str(video)).stdout
    assert "320 x 240" in shown
    assert "--picture" in shown
    assert run("scene:hillside").returncode == 2
