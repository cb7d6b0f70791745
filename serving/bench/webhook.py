"""The way from the frame that raises an event to the webhook at its receiver.

Ten cameras send a 1080p frame a second each, as live cameras do. The clock starts when the raising frame's POST starts and
stops when the receiver has the whole signed body; both are this process's. Rounds of new cameras give more events to count.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import httpx
import numpy as np

from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene
from serving.bench.contest import FULL_HD
from serving.bench.report import Row, console
from serving.bench.service import Service, running

CAMERAS = 10
FIRST_S = 20.0  # of the rendered fire: it is well alight
LONGEST_FRAMES = 30
ARRIVE_S = 30.0
MEDIAN_BAR_S, P99_BAR_S = 1.0, 3.0


@dataclass
class Arrivals:
    """Event id → when its `new` came, on this process's monotonic clock."""

    at: dict[str, float] = field(default_factory=dict)
    came: threading.Condition = field(default_factory=threading.Condition)

    def note(self, body: bytes) -> None:
        now, told = time.monotonic(), json.loads(body)
        if told["type"] == "new":
            with self.came:
                self.at.setdefault(told["after"]["id"], now)
                self.came.notify_all()

    def of(self, events: set[str]) -> dict[str, float]:
        """Wait for these. Those that do not come within 30 s are missing."""
        with self.came:
            self.came.wait_for(lambda: events <= set(self.at), ARRIVE_S)
            return {event: self.at[event] for event in events if event in self.at}


def run(rounds: int) -> dict[str, Row]:
    """Ten cameras raise an event or two each, `rounds` times. Raises SystemExit where nothing was told."""
    pictures = _pictures()
    arrivals, sent, late = Arrivals(), dict[str, float](), list[float]()
    with _receiver(arrivals) as hook, _service(hook) as service:
        for number in range(rounds):
            cameras = [f"bench-{number}-{index}" for index in range(CAMERAS)]
            sent |= _round(cameras, pictures, service.port, service.key, late)
            console.print(f"round {number + 1} of {rounds}: {len(sent)} events raised")
        came = arrivals.of(set(sent))
    if len(came) < 2:
        raise SystemExit(f"{len(sent)} events raised, {len(came)} told: nothing to measure")
    times = [came[event] - started for event, started in sent.items() if event in came]
    p99 = statistics.quantiles(times, n=100, method="inclusive")[98]
    return {
        "webhook_median": Row(round(statistics.median(times), 3), "s from raising frame to webhook", f"<= {MEDIAN_BAR_S:g}"),
        "webhook_p99": Row(round(p99, 3), f"s, 99th percentile of {len(times)} events", f"<= {P99_BAR_S:g}"),
        "webhook_lost": Row(len(sent) - len(came), "raised events that were never told", "<= 0"),
        "webhook_late_frames": Row(round(max(late), 3), "s that a camera was behind its one frame a second, at worst"),
    }


def _pictures() -> list[bytes]:
    street = scene("street", seed=1, starts_s=0.0)
    frames = (street.frame(FIRST_S + number) for number in range(LONGEST_FRAMES))
    return [to_jpeg(np.asarray(cv2.resize(frame, FULL_HD), np.uint8)) for frame in frames]


def _round(cameras: list[str], pictures: list[bytes], port: int, key: str, late: list[float]) -> dict[str, float]:
    """New cameras, spread over a second, each until it raised an event. Event id → when its raising frame's POST started."""
    sent: dict[str, float] = {}
    with _client(port, key) as client:
        for camera in cameras:
            client.post("/v1/cameras", json={"id": camera, "name": camera, "detectors": ["fire"]}).raise_for_status()
    start = time.monotonic()
    threads = [
        threading.Thread(target=_watch, args=(camera, pictures, port, key, start + index / len(cameras), sent, late))
        for index, camera in enumerate(cameras)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent


def _watch(
    camera: str, pictures: list[bytes], port: int, key: str, start: float, sent: dict[str, float], late: list[float]
) -> None:
    raised = False
    with _client(port, key) as client:
        for number, picture in enumerate(pictures):
            time.sleep(max(0.0, start + number - time.monotonic()))
            began = time.monotonic()
            late.append(began - (start + number))
            answer = client.post(f"/v1/cameras/{camera}/frames", content=picture).raise_for_status().json()
            for event in answer["events"]:
                if event["change"] == "raised":
                    sent[event["id"]] = began
            if raised:
                return  # one more frame, so that a second hazard of the same moment is not cut off
            raised = any(event["change"] == "raised" for event in answer["events"])


def _client(port: int, key: str) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}, timeout=30)


@contextlib.contextmanager
def _receiver(arrivals: Arrivals) -> Iterator[str]:
    """A receiver of webhooks here; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrivals.note(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(http.HTTPStatus.NO_CONTENT)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def _service(hook: str) -> Iterator[Service]:
    """The real service, which tells `hook`."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(f'[notify]\nallow_networks = ["127.0.0.0/8"]\n[[notify.webhooks]]\nname = "bench"\nurl = "{hook}"\n')
        config.flush()
        with running(config=config.name, secret_bench="0123456789abcdef") as service:
            yield service
