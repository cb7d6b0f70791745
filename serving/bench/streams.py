"""What many streams cost the machine that reads them: one agent, 1080p25 H.264 over RTSP, a frame a second of each is sent."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene
from serving.bench.contest import FULL_HD
from serving.bench.report import Row, console
from serving.bench.service import Service, family, free_port, memory_mb, running

SCENE_S = 20
LONGEST_START_S, SETTLE_S = 240.0, 5.0
MOST_CORES, MOST_MB = 1.0, 130.0
TICK = os.sysconf("SC_CLK_TCK")
KEY_EACH_SECOND = ("-g", "25", "-keyint_min", "25", "-sc_threshold", "0")
CAMERA_NOISE = "fps=25,noise=alls=6:allf=t"  # without it a rendered scene is a tenth of a camera's bytes


def run(streams: int, seconds: float) -> dict[str, Row]:
    """`streams` cameras for so long. Raises SystemExit where ffmpeg or GStreamer is missing."""
    with tempfile.TemporaryDirectory(prefix="balefire-bench-") as name:
        folder = Path(name)
        with (
            rtsp(film(folder, LONGEST_START_S + seconds + 60)) as port,
            running(detectors="fire") as service,
            _agent(folder, streams, port, service) as agent,
        ):
            _wait_for_all(service, streams)
            frames, busy, started = _frames(service, streams), _cpu_s(agent.pid), time.monotonic()
            time.sleep(seconds)
            sent, busy = _frames(service, streams) - frames, _cpu_s(agent.pid) - busy
            wall = time.monotonic() - started
            memory, processes = memory_mb(agent.pid), len(family(agent.pid))
        megabits = (folder / "once.mp4").stat().st_size * 8 / SCENE_S / 1e6
    console.print(f"{streams} streams of {megabits:.1f} Mbit/s, {processes} processes")
    return {
        "streams": Row(streams, "streams of 1080p25 H.264 in one agent"),
        "streams_cores": Row(round(busy / wall, 2), "cores, all its processes", f"<= {MOST_CORES:g}"),
        "streams_memory": Row(round(memory / streams, 1), "MB a stream, proportional, all of the agent", f"<= {MOST_MB:g}"),
        "streams_frames": Row(round(sent / wall / streams, 2), "frames a second of each that the service stored", ">= 0.9"),
    }  # fmt: skip


def film(folder: Path, seconds: float) -> Path:
    """A rendered street as a camera sends it, 1080p25 with a key frame each second, again and again for so long."""
    street = scene("street", seed=2, starts_s=SCENE_S * 2)
    for second in range(SCENE_S):
        frame = cv2.resize(street.frame(float(second)), FULL_HD)
        (folder / f"{second:02}.jpg").write_bytes(to_jpeg(np.asarray(frame, np.uint8)))
    once, long = folder / "once.mp4", folder / "street.mp4"
    encode = "-pix_fmt yuv420p -c:v libx264 -preset veryfast -profile:v main -b:v 4M -maxrate 4M -bufsize 8M"
    _ffmpeg("-framerate", "1", "-i", f"{folder}/%02d.jpg", "-vf", CAMERA_NOISE, *encode.split(), *KEY_EACH_SECOND, str(once))
    _ffmpeg("-stream_loop", "-1", "-i", str(once), "-t", str(seconds), "-c", "copy", str(long))
    return long


def _ffmpeg(*arguments: str) -> None:
    try:
        subprocess.run(["ffmpeg", "-loglevel", "error", *arguments], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"needs ffmpeg with libx264: {error}") from error


@contextlib.contextmanager
def rtsp(played: Path) -> Iterator[int]:
    """The port on which `played` runs from its start, once somebody asks for /live."""
    port = free_port()
    program = str(Path(__file__).with_name("rtsp_server.py"))
    process = subprocess.Popen(["/usr/bin/python3", program, str(played), str(port)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise SystemExit("needs GStreamer's RTSP server: python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good")
        yield port
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _agent(folder: Path, streams: int, port: int, service: Service) -> Iterator[subprocess.Popen[bytes]]:
    """`balefire watch --config` with so many cameras."""
    lines = [f'server = "http://127.0.0.1:{service.port}"', "[defaults]", "fps = 1.0"]
    for number in range(streams):
        service.add_camera(f"bench-{number}", detectors=["fire"])
        lines += ["[[cameras]]", f'id = "bench-{number}"', f'source = "rtsp://127.0.0.1:{port}/live"']
    config = folder / "cameras.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    environment = {**os.environ, "BALEFIRE_KEY": service.key, "XDG_CACHE_HOME": str(folder / "cache")}
    order = [sys.executable, "-m", "balefire", "watch", "--config", str(config)]
    with (folder / "agent.log").open("wb") as log:
        process = subprocess.Popen(order, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def _wait_for_all(service: Service, streams: int) -> None:
    """Until each has sent something, and the starting is over. Raises SystemExit for a stream that never comes."""
    until = time.monotonic() + LONGEST_START_S
    while not all(counts := _counts(service, streams)):
        if time.monotonic() > until:
            raise SystemExit(f"{counts.count(0)} of {streams} streams sent nothing within {LONGEST_START_S:g} s")
        time.sleep(1)
    time.sleep(SETTLE_S)


def _frames(service: Service, streams: int) -> int:
    return sum(_counts(service, streams))


def _counts(service: Service, streams: int) -> list[int]:
    """Frames of each camera that the service stored."""
    return [int(service.ask("GET", f"/v1/cameras/bench-{number}/health")[1]["frames"]) for number in range(streams)]


def _cpu_s(pid: int) -> float:
    """Seconds of CPU of the process and all below it, those that ended included."""
    fields = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in family(pid))
    return sum(sum(int(found[index]) for index in (11, 12, 13, 14)) for found in fields) / TICK
