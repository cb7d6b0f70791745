"""Measure the service on this machine.

    make bench            # prints a table, writes build/bench.json (or --out)

Every figure is a ratio within one run, or a size: this machine may be shared, so absolute speeds mean little. Rounds of
each contestant take turns, so that a slow minute hits them all.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from balefire.settings import Settings
from balefire.vision.bundles import champion_folders
from balefire.vision.detector import Detector, load_detector
from balefire.vision.headers import read_header
from balefire.vision.image import decode, to_jpeg
from balefire.vision.letterbox import letterbox
from balefire.vision.scenes import scene

console = Console()

FULL_HD = (1920, 1080)
PICTURES = 16
CONNECTIONS_A_CORE = 2


@dataclass(frozen=True, slots=True)
class Row:
    """`bar`: what must be reached, as text; empty where the figure only stands beside another."""

    value: float
    unit: str
    bar: str = ""


def main(
    rounds: Annotated[int, typer.Option(help="turns of each contestant")] = 5,
    seconds: Annotated[float, typer.Option(help="length of one turn")] = 4.0,
    out: Annotated[Path, typer.Option(help="the JSON file to write")] = Path("build") / "bench.json",
) -> None:
    """Run every bench and write build/bench.json."""
    pictures = _pictures()
    folder = next(iter(champion_folders(Settings().models, ["fire"]).values()))
    rows: dict[str, Row] = {}
    with _service() as (port, key, pid, first_answer_s):
        rows["serve_first_answer"] = Row(round(first_answer_s, 2), "s from start to the first frame's answer", "<= 5")
        rates = _contest(_contestants(folder, pictures, port, key), rounds, seconds)
        rows["serve_to_library"] = Row(_ratio(rates, "http", "library"), "of the library's loop, 1080p JPEG", ">= 0.85")
        rows["serve_to_session"] = Row(_ratio(rates, "http", "session"), "of the bare session on prepared tensors")
        rows["serve_memory"] = Row(round(_memory_mb(pid)), "MB, proportional, all processes, one bundle", "<= 600")
        rows["serve_torch"] = Row(float(_maps_torch(pid)), "processes that map torch", "<= 0")
    _write(out, rows, rates)


def _pictures() -> list[bytes]:
    """1080p JPEGs of a rendered street, before and during a fire."""
    street = scene("street", seed=3, starts_s=PICTURES / 2, marked=False)
    return [to_jpeg(np.asarray(cv2.resize(street.frame(float(n)), FULL_HD), np.uint8)) for n in range(PICTURES)]


def _contestants(folder: Path, pictures: list[bytes], port: int, key: str) -> dict[str, Callable[[float], float]]:
    """Name → what runs for some seconds and returns frames a second. Each uses all cores."""
    cores = os.cpu_count() or 1
    detectors = [load_detector(folder, "onnxruntime", threads=1) for _ in range(cores)]
    tensors = [letterbox(_decoded(detectors[0], picture), detectors[0].bundle.input)[0].copy() for picture in pictures]

    def library(seconds: float) -> float:
        def one(index: int, picture: int) -> None:
            detector = detectors[index]
            detector.look(_decoded(detector, pictures[picture % PICTURES]))

        return _threads(cores, seconds, one)

    def session(seconds: float) -> float:
        return _threads(cores, seconds, lambda index, n: detectors[index].runtime.run(tensors[n % PICTURES]))

    def over_http(seconds: float) -> float:
        return _load(pictures, port, key, cores * CONNECTIONS_A_CORE, seconds)

    return {"library": library, "session": session, "http": over_http}


def _decoded(detector: Detector, picture: bytes) -> NDArray[np.uint8]:
    header = read_header(picture)
    return decode(picture, header, at_least=detector.needs(header.width, header.height))


def _threads(count: int, seconds: float, one: Callable[[int, int], object]) -> float:
    """`count` threads call `one(thread, n)` for so long; calls a second in all."""
    done = [0] * count
    end = time.perf_counter() + seconds

    def work(index: int) -> None:
        while time.perf_counter() < end:
            one(index, done[index])
            done[index] += 1

    started = time.perf_counter()
    threads = [threading.Thread(target=work, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - started)


def _load(pictures: list[bytes], port: int, key: str, connections: int, seconds: float) -> float:
    """Saturate `/v1/detect` from a process of its own on the same cores; answers a second."""
    with tempfile.TemporaryDirectory() as folder:
        for number, picture in enumerate(pictures):
            (Path(folder) / f"{number:02}.jpg").write_bytes(picture)
        order = [sys.executable, "-m", "serving.bench_client", folder, str(port), str(connections), str(seconds)]
        said = subprocess.run(order, env={**os.environ, "BALEFIRE_KEY": key}, capture_output=True, text=True, check=True)
    return float(said.stdout)


def _contest(contestants: dict[str, Callable[[float], float]], rounds: int, seconds: float) -> dict[str, list[float]]:
    for run in contestants.values():  # warm up
        run(1.0)
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name, run in contestants.items():
            rates[name].append(run(seconds))
        console.print(f"round {number + 1} of {rounds}: " + ", ".join(f"{n} {r[-1]:.1f}/s" for n, r in rates.items()))
    return rates


def _ratio(rates: dict[str, list[float]], name: str, other: str) -> float:
    """Median over the rounds of the ratio within each."""
    return round(statistics.median(a / b for a, b in zip(rates[name], rates[other], strict=True)), 3)


@contextlib.contextmanager
def _service() -> Iterator[tuple[int, str, int, float]]:
    """The real service: its port, the administrator's key, its process, and how long the first answer took."""
    with tempfile.TemporaryDirectory(prefix="balefire-bench-") as state:
        port = _free_port()
        environment = {**os.environ, "BALEFIRE_STATE": state, "BALEFIRE_PORT": str(port)}
        started = time.monotonic()
        process = subprocess.Popen([sys.executable, "-m", "balefire", "serve"], env=environment, start_new_session=True)
        try:
            key = _first_answer(port, Path(state) / "admin.key", process)
            yield port, key, process.pid, time.monotonic() - started
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def _first_answer(port: int, key_file: Path, process: subprocess.Popen[bytes]) -> str:
    picture = to_jpeg(np.full((480, 640, 3), 90, np.uint8))
    while process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            key = key_file.read_text().strip()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("POST", "/v1/detect", picture, {"Authorization": f"Bearer {key}"})
            if connection.getresponse().status == http.HTTPStatus.OK:
                return key
        time.sleep(0.02)
    raise SystemExit("the service did not start")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(pid: int) -> list[int]:
    """The process and everything below it."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in _family(int(child)))]


def _memory_mb(pid: int) -> float:
    """Proportional set size: shared pages count once, in parts."""
    lines = (Path(f"/proc/{one}/smaps_rollup").read_text().splitlines() for one in _family(pid))
    return sum(int(line.split()[1]) for found in lines for line in found if line.startswith("Pss:")) / 1024


def _maps_torch(pid: int) -> int:
    return sum("libtorch" in Path(f"/proc/{one}/maps").read_text() for one in _family(pid))


def _reached(row: Row) -> bool | None:
    if not row.bar:
        return None
    sign, number = row.bar.split()
    return row.value >= float(number) if sign == ">=" else row.value <= float(number)


def _write(out: Path, rows: dict[str, Row], rates: dict[str, list[float]]) -> None:
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({name: asdict(row) for name, row in rows.items()}, indent=1) + "\n", encoding="utf-8")
    table = Table("figure", "value", "unit", "bar", "", title="bench")
    for name, row in rows.items():
        verdict = {None: "", True: "reached", False: "falls short"}[_reached(row)]
        table.add_row(name, f"{row.value:g}", row.unit, row.bar, verdict)
    console.print(table)
    medians = ", ".join(f"{name} {statistics.median(values):.1f}" for name, values in rates.items())
    console.print(f"frames a second here and now, which mean little elsewhere: {medians}")


if __name__ == "__main__":
    typer.run(main)
