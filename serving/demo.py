"""Watch a fire start: the service, two cameras and their footage, in a folder that is gone afterwards.

python -m serving.demo                        # two rendered scenes
python -m serving.demo --source fire.mp4      # your own footage: a file, a folder, rtsp://…, an HTTP snapshot
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import httpx
import typer

from balefire.adapters.clock import SystemClock
from balefire.adapters.database import migrate, open_database
from balefire.domain.access import Role, Scope
from balefire.domain.camera import Camera
from balefire.flows import access, people
from balefire.settings import Settings

SCENES = {
    "hillside": ("Hillside mast (rendered scene)", "scene:hillside"),
    "street": ("Night street (rendered scene)", "scene:street"),
}
OPERATOR = "operator"
READY_S = 60


def main(
    source: Annotated[str | None, typer.Option(help="play this instead of the rendered scenes")] = None,
    port: Annotated[int, typer.Option(help="0: any free one")] = 3000,
    seconds: Annotated[float, typer.Option(help="end by itself after so long; 0: at Ctrl-C")] = 0,
) -> None:
    """Start the service with cameras that play footage, print a one-time link, and clean up at Ctrl-C."""
    footage = {"demo": (f"Footage: {Path(source).name}", source)} if source else SCENES
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="balefire-demo-") as folder, contextlib.suppress(KeyboardInterrupt):
        settings = Settings(state=Path(folder), port=_free(port))
        key, link = _furnish(settings, footage)
        environment = {**os.environ, "BALEFIRE_STATE": folder, "BALEFIRE_PORT": str(settings.port), "BALEFIRE_KEY": key}
        with _running("serve", environment) as service:
            _wait_until_ready(settings.origin(), service)
            with contextlib.ExitStack() as cameras:
                for camera, (_, address) in footage.items():
                    again = [] if "://" in address else ["--loop"]
                    cameras.enter_context(
                        _running("watch", environment, address, "--camera", camera, "--server", settings.origin(), *again)
                    )
                print(f"\n  Open this once, within 15 minutes:\n\n      {settings.origin()}/sign-in/{link}\n")
                print(
                    "  The first event is raised within about a minute. Ctrl-C ends it and leaves nothing behind.\n", flush=True
                )
                _wait(seconds, service)


def _furnish(settings: Settings, footage: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """Cameras, a key for them, and an operator with a link. Returns the key and the link's token."""
    migrate(settings.database())
    database, now = open_database(settings.database()), SystemClock().now()
    with database.begin() as work:
        for camera, (name, _) in footage.items():
            work.cameras.add(Camera(camera, name))
    people.add_user(database, now, OPERATOR, Role.OPERATOR)
    key = people.create_key(database, now, "demo cameras", [Scope.FRAMES])
    link = access.one_time_link(database, now, OPERATOR)
    database.close()
    return key, link


@contextlib.contextmanager
def _running(command: str, environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`balefire <command>` in a session of its own, so that Ctrl-C reaches it from here, once, and in order."""
    program = [sys.executable, "-m", "balefire", command, *arguments]
    process = subprocess.Popen(program, env=environment, start_new_session=True, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_ready(origin: str, service: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if service.poll() is not None:
            raise SystemExit("the service did not start; what it said stands above")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{origin}/readyz").status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise SystemExit(f"the service was not ready within {READY_S} s")


def _wait(seconds: float, service: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + seconds if seconds else None
    while service.poll() is None and (deadline is None or time.monotonic() < deadline):
        time.sleep(0.2)


def _free(port: int) -> int:
    """`port`, or any free one where it is taken."""
    for wanted in (port, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            return int(probe.getsockname()[1])
    raise SystemExit("no free port")


if __name__ == "__main__":
    typer.run(main)
