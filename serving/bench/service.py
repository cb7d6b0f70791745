"""A real service for a bench, in a process and a state folder of its own, and what can be read of that process."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from balefire.vision.image import to_jpeg

LONGEST_START_S = 120.0


@dataclass(slots=True)
class Service:
    """`settings` become BALEFIRE_*; `first_answer_s`: from the start to the answer to the first picture."""

    state: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    first_answer_s: float = 0.0
    process: subprocess.Popen[bytes] | None = None

    @property
    def key(self) -> str:
        return (self.state / "admin.key").read_text().strip()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start (again) and wait until a picture was answered. Raises SystemExit where it does not start."""
        self.port = self.port or free_port()
        extra = {f"BALEFIRE_{name.upper()}": value for name, value in {"tune": "false", **self.settings}.items()}
        environment = {**os.environ, "BALEFIRE_STATE": str(self.state), "BALEFIRE_PORT": str(self.port), **extra}
        order = [sys.executable, "-m", "balefire", "serve"]
        started = time.monotonic()
        with (self.state.parent / f"{self.state.name}.log").open("ab") as log:
            self.process = subprocess.Popen(order, env=environment, stdout=log, stderr=log, start_new_session=True)
        self._first_answer()
        self.first_answer_s = time.monotonic() - started

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to it and to all it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def tune(self) -> None:
        """Measure this machine and start again with the result: as a service that has run for a while."""
        self.stop()
        environment = {**os.environ, "BALEFIRE_STATE": str(self.state), "BALEFIRE_DETECTORS": "fire"}
        subprocess.run([sys.executable, "-m", "balefire", "tune", "--rounds", "3"], env=environment, check=True)
        self.start()

    def plans(self) -> list[str]:
        """How each detector runs, and why."""
        rows = self.ask("GET", "/v1/bundles")[1]["items"]
        return [f"{row['name']} in {row['runtime']} {row['precision']}: {row['reason']}" for row in rows]

    def connect(self, timeout_s: float = 60.0) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one request with the administrator's key."""
        connection = self.connect()
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}"}
        connection.request(
            method, path, data, headers | ({} if isinstance(body, bytes) else {"Content-Type": "application/json"})
        )
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        return answer.status, json.loads(said or b"null")

    def add_camera(self, camera: str, **fields: Any) -> None:
        status, said = self.ask("POST", "/v1/cameras", {"id": camera, **fields})
        if status not in (201, 409):
            raise SystemExit(f"camera {camera} was not added: {said}")

    def _first_answer(self) -> None:
        picture = to_jpeg(np.full((480, 640, 3), 90, np.uint8))
        until = time.monotonic() + LONGEST_START_S
        assert self.process is not None
        while self.process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                if self.ask("POST", "/v1/detect", picture)[0] == http.HTTPStatus.OK:
                    return
            time.sleep(0.02)
        raise SystemExit(f"the service did not start; see {self.state.parent}/{self.state.name}.log")


@contextlib.contextmanager
def running(**settings: str) -> Iterator[Service]:
    """A service that ends with the block, and whose state goes with it."""
    with tempfile.TemporaryDirectory(prefix="balefire-bench-") as folder:
        service = Service(Path(folder) / "state", settings)
        try:
            service.start()
            yield service
        finally:
            if service.process is not None and service.process.poll() is None:
                service.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    """The process and everything below it."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in family(int(child)))]


def memory_mb(pid: int) -> float:
    """Proportional set size: shared pages count once, in parts."""
    lines = (Path(f"/proc/{one}/smaps_rollup").read_text().splitlines() for one in family(pid))
    return sum(int(line.split()[1]) for found in lines for line in found if line.startswith("Pss:")) / 1024


def open_files(pid: int) -> int:
    return sum(len(os.listdir(f"/proc/{one}/fd")) for one in family(pid))


def maps_torch(pid: int) -> int:
    return sum("libtorch" in Path(f"/proc/{one}/maps").read_text() for one in family(pid))
