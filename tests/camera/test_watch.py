"""`balefire watch`: each kind of source, through restarts, dead streams and a server that says no."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from balefire.camera.post import ServerRefused
from balefire.camera.settings import WatchSettings
from balefire.camera.watch import watch
from balefire.domain.errors import BadInput
from tests.camera.conftest import RtspServer
from tests.camera.frames_server import KEY, FramesServer, Script

QUICK = WatchSettings(
    fps=10, read_timeout_s=1.5, reconnect_first_s=0.1, reconnect_most_s=0.5, retry_first_s=0.1, retry_most_s=0.5,
    connect_timeout_s=1.0, request_timeout_s=2.0, busy_patience_s=0.5, report_every_s=0.5,
)  # fmt: skip


@contextlib.contextmanager
def _watching(source: str, server: str, spool: Path, *more: str, key: str = KEY) -> Iterator[subprocess.Popen[str]]:
    """`balefire watch` as a person starts it; ended by Ctrl-C."""
    command = [
        sys.executable,
        "-m",
        "balefire",
        "watch",
        source,
        "--camera",
        "ridge-1",
        "--server",
        server,
        "--fps",
        "5",
        *more,
    ]
    environment = {**os.environ, "BALEFIRE_KEY": key, "XDG_CACHE_HOME": str(spool)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def _until(true: Callable[[], bool], what: str, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def _more_than(frames: FramesServer, count: int) -> Callable[[], bool]:
    return lambda: len(frames.stored) > count


def test_a_folder_goes_up_as_it_is_and_in_order(frames: FramesServer, folder: Path, tmp_path: Path) -> None:
    counts = watch(str(folder), "ridge-1", frames.url, KEY, realtime=False, settings=QUICK, spool=tmp_path / "spool")
    assert (counts.sent, counts.adds_up) == (9, True)
    assert [body for _, _, body in frames.stored.values()] == [path.read_bytes() for path in sorted(folder.iterdir())]
    captured = [datetime.fromisoformat(at) for at, _, _ in frames.stored.values()]
    assert captured == sorted(captured)
    assert all(at.tzinfo for at in captured)


def test_a_video_is_played_at_the_wanted_rate(frames: FramesServer, video: Path, tmp_path: Path) -> None:
    settings = WatchSettings(fps=2)
    counts = watch(str(video), "ridge-1", frames.url, KEY, realtime=False, settings=settings, spool=tmp_path / "spool")
    assert 5 <= counts.sent <= 7
    captured = [datetime.fromisoformat(at) for at, _, _ in frames.stored.values()]
    assert captured[-1] - captured[0] == pytest.approx(timedelta(seconds=2.5), abs=timedelta(seconds=0.6))


def test_a_rendered_scene(frames: FramesServer, tmp_path: Path) -> None:
    counts = watch("scene:hillside", "ridge-1", frames.url, KEY, once=True, settings=QUICK, spool=tmp_path / "spool")
    assert counts.sent == 1


def test_snapshots_over_http(frames: FramesServer, folder: Path, tmp_path: Path) -> None:
    pictures = [path.read_bytes() for path in sorted(folder.iterdir())]

    class Camera(BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self) -> None:
            Camera.asked += 1
            body = pictures[Camera.asked % len(pictures)]
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with _watching(f"http://127.0.0.1:{server.server_address[1]}/now.jpg", frames.url, tmp_path):
        _until(_more_than(frames, 3), "snapshots")
    server.shutdown()
    server.server_close()


def test_a_stream_that_dies_comes_back(frames: FramesServer, rtsp: RtspServer, tmp_path: Path) -> None:
    with _watching(rtsp.url, frames.url, tmp_path):
        _until(_more_than(frames, 3), "the first frames")
        rtsp.kill()
        time.sleep(1.0)
        before = len(frames.stored)
        rtsp.start()
        _until(_more_than(frames, before + 3), "frames after the restart")


def test_a_stream_that_hangs_is_cut_and_tried_again(frames: FramesServer, rtsp: RtspServer, tmp_path: Path) -> None:
    done: list[object] = []

    def run() -> None:
        with contextlib.suppress(Exception):  # it is ended by the server's refusal
            done.append(watch(rtsp.url, "ridge-1", frames.url, KEY, settings=QUICK, spool=tmp_path / "spool"))

    watcher = threading.Thread(target=run, daemon=True)
    watcher.start()
    _until(_more_than(frames, 3), "the first frames")
    rtsp.send(signal.SIGSTOP)
    time.sleep(QUICK.read_timeout_s + 1.0)  # the watchdog kills the read
    before = len(frames.stored)
    rtsp.send(signal.SIGCONT)
    _until(_more_than(frames, before + 3), "frames after the pause")
    frames.always = Script(status=403)
    watcher.join(timeout=20)
    assert not watcher.is_alive()


def test_a_server_that_restarts_gets_every_frame(frames: FramesServer, folder: Path, tmp_path: Path) -> None:
    with _watching(str(folder), frames.url, tmp_path, "--loop"):
        _until(_more_than(frames, 3), "the first frames")
        frames.stop()
        time.sleep(2.0)
        before = len(frames.stored)
        frames.start()
        # What was taken in those two seconds arrives behind the live pictures, with its own time.
        _until(lambda: len(frames.stored) > before + 8 and _longest_gap_s(frames) < 1.0, "frames of the outage")


def _longest_gap_s(frames: FramesServer) -> float:
    captured = sorted(datetime.fromisoformat(at) for at, _, _ in list(frames.stored.values()))
    return max((after - before).total_seconds() for before, after in itertools.pairwise(captured))


@pytest.mark.parametrize(
    "script",
    [Script(drop=True), Script(drop=True, keep=True), Script(status=503, headers={"Retry-After": "1"}),
     Script(status=429, headers={"Retry-After": "1"}), Script(status=500)],
    ids=["cut off", "cut off after it was stored", "full", "too fast", "broken"],
)  # fmt: skip
def test_an_answer_that_is_none_is_tried_again(frames: FramesServer, folder: Path, tmp_path: Path, script: Script) -> None:
    frames.script.append(script)
    counts = watch(str(folder), "ridge-1", frames.url, KEY, realtime=False, settings=QUICK, spool=tmp_path / "spool")
    assert (counts.sent, len(frames.stored), counts.adds_up) == (9, 9, True)
    assert counts.repeated == frames.repeated == int(script.keep)


def test_what_the_server_cannot_use_is_dropped_and_counted(frames: FramesServer, folder: Path, tmp_path: Path) -> None:
    frames.script.append(Script(status=422))
    counts = watch(str(folder), "ridge-1", frames.url, KEY, realtime=False, settings=QUICK, spool=tmp_path / "spool")
    assert (counts.sent, counts.refused, counts.adds_up) == (8, 1, True)


@pytest.mark.parametrize(
    ("camera", "key", "said"), [("ridge-1", "bf_wrong", "the key is wrong"), ("nowhere", KEY, "no such camera")]
)
def test_a_refusal_for_good_ends_it_with_the_reason(
    frames: FramesServer, folder: Path, tmp_path: Path, camera: str, key: str, said: str
) -> None:
    with pytest.raises(ServerRefused, match=said):
        watch(str(folder), camera, frames.url, key, realtime=False, settings=QUICK, spool=tmp_path / "spool")


def test_ctrl_c_leaves_no_child(frames: FramesServer, rtsp: RtspServer, tmp_path: Path) -> None:
    with _watching(rtsp.url, frames.url, tmp_path) as process:
        _until(_more_than(frames, 1), "a frame")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert children
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_a_password_is_seen_nowhere(frames: FramesServer, tmp_path: Path) -> None:
    server = RtspServer(credentials=("guard", "s3cret-pw")).start()
    try:
        with _watching(server.url, frames.url, tmp_path) as process:
            _until(_more_than(frames, 1), "a frame")
            server.kill()  # what is said of a lost stream holds no password either
            time.sleep(1.0)
            assert "s3cret-pw" not in _command_lines()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=20)
        assert "s3cret-pw" not in said
        assert KEY not in said
    finally:
        server.kill()


def _command_lines() -> str:
    """Of every process but the RTSP server's own, which was given its password."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            lines.append("" if "rtsp_server.py" in line else line)
    return "\n".join(lines)


def test_a_misspelt_scene_names_the_near_one(frames: FramesServer, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="hillside"):
        watch("scene:hilside", "ridge-1", frames.url, KEY, once=True, settings=QUICK, spool=tmp_path / "spool")
