"""The real service in a process of its own, with a state folder of its own: what its users talk to."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

READY_S = 60


@dataclass(slots=True)
class Service:
    """`url` answers; `admin_key` opens everything; `log` is what the process printed."""

    url: str
    state: Path
    log: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def admin_key(self) -> str:
        return (self.state / "admin.key").read_text().strip()

    def cli(self, *arguments: str) -> str:
        """Run `balefire …` on this service's state; what it printed. Raises where it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "balefire", *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def client(self, key: str | None = None) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {key or self.admin_key}"}, timeout=30)

    def key(self, *scopes: str, camera: str = "") -> str:
        chosen = [part for scope in scopes for part in ("--scope", scope)]
        return self.cli("keys", "create", "test", *chosen, *(["--camera", camera] if camera else []))

    def stop(self, sign: signal.Signals = signal.SIGINT) -> float:
        """Ask it to end; how many seconds that took."""
        started = time.monotonic()
        self.process.send_signal(sign)
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        return time.monotonic() - started

    def start(self) -> None:
        """Start (again) on the same state and port."""
        self.process = launch(self.environment, self.log)
        wait_until_ready(self)


@contextlib.contextmanager
def running(state: Path, **settings: str) -> Iterator[Service]:
    """A service on a free port; `settings` become BALEFIRE_*. It measures this machine only where it is told to."""
    service = begun(state, **settings)
    try:
        wait_until_ready(service)
        yield service
    finally:
        if service.process.poll() is None:
            service.stop()


def begun(state: Path, **settings: str) -> Service:
    """As `running`, not waited for and not ended."""
    port = free_port()
    extra = {f"BALEFIRE_{name.upper()}": value for name, value in {"tune": "false", **settings}.items()}
    environment = {**os.environ, "BALEFIRE_STATE": str(state), "BALEFIRE_PORT": str(port), **extra}
    log = state.with_suffix(".log")
    return Service(f"http://127.0.0.1:{port}", state, log, launch(environment, log), environment)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "balefire", "serve"], env=environment, stdout=out, stderr=out, start_new_session=True
        )


def wait_until_ready(service: Service) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        assert service.process.poll() is None, service.log.read_text()
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{service.url}/readyz").status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise AssertionError(f"not ready after {READY_S} s:\n{service.log.read_text()}")
