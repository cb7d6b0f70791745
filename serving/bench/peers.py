"""Starting the peers that the bench is measured against. One that is not installed is left out, and said."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from balefire.settings import CHECKOUT
from serving.bench.report import console
from serving.bench.service import family, free_port

BESIDE = Path("build") / "peers"  # `make bench` puts LitServe there: beside the service, whose event loop it would change
LONGEST_START_S = 120.0


@contextlib.contextmanager
def running(bundle: Path, picture: bytes) -> Iterator[dict[str, int]]:
    """Name → port of each peer that could be started; they end with the block."""
    orders: dict[str, list[str]] = {}
    if importlib.util.find_spec("ultralytics") is not None:
        for name, workers in (("ultralytics", 1), ("ultralytics, a process a core", os.cpu_count() or 1)):
            app = ["-m", "uvicorn", "serving.bench.ultralytics_peer:app", "--log-level", "error"]
            orders[name] = [*app, "--workers", str(workers), "--port"]
    if (BESIDE / "litserve").is_dir():
        orders["litserve"] = ["-m", "serving.bench.litserve_peer"]
    with contextlib.ExitStack() as ends:
        ports: dict[str, int] = {}
        for name, order in orders.items():
            port, log = free_port(), ends.enter_context(tempfile.TemporaryFile())
            about = {"BENCH_BUNDLE": str(bundle), "BENCH_MODEL": str(bundle / "model.onnx"), "ORT_DISABLE_TELEMETRY": "1"}
            environment = {**os.environ, **about}
            if name == "litserve":
                environment["PYTHONPATH"] = os.pathsep.join([str(BESIDE.resolve()), str(CHECKOUT)])
            process = subprocess.Popen([sys.executable, *order, str(port)], env=environment, stdout=log, stderr=log)
            ends.callback(_end, process)
            if _answers(port, picture, process):
                ports[name] = port
            else:
                log.seek(0)
                console.print(
                    f"{name} did not start and is left out: {log.read()[-300:].decode(errors='replace')}", markup=False
                )
        yield ports


def _answers(port: int, picture: bytes, process: subprocess.Popen[bytes]) -> bool:
    import httpx

    until = time.monotonic() + LONGEST_START_S
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            for sent in ({"content": picture}, {"files": {"image": ("a.jpg", picture, "image/jpeg")}}):
                if httpx.post(f"http://127.0.0.1:{port}/detect", timeout=30, **sent).status_code == httpx.codes.OK:
                    return True
        time.sleep(0.2)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and its workers: some leave theirs behind."""
    below = [pid for pid in family(process.pid) if pid != process.pid] if process.poll() is None else []
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in below:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)
