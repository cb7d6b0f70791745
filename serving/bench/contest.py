"""Contestants on the same pictures and the same cores, in turns: every figure is a ratio within one run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from balefire.domain.errors import BundleMismatch
from balefire.vision.detector import Detector, planned_detector
from balefire.vision.golden import check_golden
from balefire.vision.headers import read_header
from balefire.vision.heads import read_head
from balefire.vision.image import decode, to_jpeg
from balefire.vision.letterbox import letterbox
from balefire.vision.openvino_runtime import has_openvino
from balefire.vision.plan import Plan
from balefire.vision.processor import cores
from balefire.vision.scenes import scene
from balefire.vision.tuning import options
from serving.bench import peers
from serving.bench.report import Row, console
from serving.bench.service import Service, maps_torch, memory_mb, running

FULL_HD = (1920, 1080)
PICTURES = 16
CONNECTIONS_A_CORE = 2
CPU_ROUNDS = 60
Runs = Callable[[float], float]


def run(folder: Path, rounds: int, seconds: float) -> dict[str, Row]:
    """Every ratio of the service on one detector: `folder` is its bundle. Each contestant has `rounds` turns of `seconds`."""
    pictures = street_pictures()
    settings = {"detectors": "fire", "frames_per_second": "10000"}
    with (
        running(runtime="onnxruntime", **settings) as service,
        running(**settings) as tuned,
        peers.running(folder, pictures[0]) as ports,
    ):
        tuned.tune()
        console.print(*tuned.plans(), sep="\n", highlight=False)
        contestants, ways = _contestants(folder, pictures, service, tuned, ports)
        rates = contest(contestants, rounds, seconds)
        rows = _rows(rates, ways, service)
    rows["prepare_to_infer"] = Row(
        _prepare_to_infer(folder, pictures), "of inference's CPU time: decode, letterbox, boxes", "<= 0.15"
    )
    medians = ", ".join(f"{name} {statistics.median(values):.1f}" for name, values in rates.items())
    console.print(f"frames a second here and now, which mean little elsewhere: {medians}")
    return rows


def _rows(rates: dict[str, list[float]], ways: dict[str, str], service: Service) -> dict[str, Row]:
    rows = {
        "serve_first_answer": Row(round(service.first_answer_s, 2), "s from start to the first frame's answer", "<= 5"),
        "serve_to_library": Row(
            ratio(rates, "frames", "library"), "of the library's loop: keys, rows, events, 1080p", ">= 0.9"
        ),
        "detect_to_library": Row(ratio(rates, "detect", "library"), "of the library's loop: stateless"),
        "serve_to_session": Row(ratio(rates, "frames", "session"), "of the bare session on prepared tensors"),
        "serve_memory": Row(round(memory_mb(service.pid)), "MB, proportional, all processes, one bundle", "<= 600"),
        "serve_torch": Row(float(maps_torch(service.pid)), "processes that map torch", "<= 0"),
    }
    others = [name for name in rates if name.startswith("ultralytics")]
    if others:
        best = max(others, key=lambda name: statistics.median(rates[name]))
        rows["serve_to_ultralytics"] = Row(ratio(rates, "tuned", best), f"of {best} (predict behind FastAPI)", ">= 1.5")
        rows["serve_to_ultralytics_same_runtime"] = Row(ratio(rates, "frames", best), "of the same, ours in onnxruntime too")
        rows["detect_to_ultralytics_same_runtime"] = Row(ratio(rates, "detect", best), "of the same, ours stateless as it is")
    if "litserve" in rates:
        rows["serve_to_litserve"] = Row(ratio(rates, "tuned", "litserve"), "of a minimal LitServe server", ">= 1.2")
        rows["serve_to_litserve_same_runtime"] = Row(ratio(rates, "frames", "litserve"), "of the same, ours in onnxruntime too")
        rows["detect_to_litserve_same_runtime"] = Row(
            ratio(rates, "detect", "litserve"), "of the same, ours stateless as it is"
        )
    passed = [name for name, said in ways.items() if not said]
    if passed:
        best = max(passed, key=lambda name: statistics.median(rates[name]))
        rows["openvino_to_session"] = Row(ratio(rates, best, "session"), f"of onnxruntime: {best}, golden passed", ">= 1.6")
    for name in ways.keys() - set(passed):
        rows[f"refused_{name.replace(' ', '_')}"] = Row(
            ratio(rates, name, "session"), f"of onnxruntime; not used: {ways[name]}"
        )
    return rows


def street_pictures() -> list[bytes]:
    """1080p JPEGs of a rendered street, before and during a fire."""
    street = scene("street", seed=3, starts_s=PICTURES / 2, marked=False)
    return [to_jpeg(np.asarray(cv2.resize(street.frame(float(n)), FULL_HD), np.uint8)) for n in range(PICTURES)]


def _contestants(
    folder: Path, pictures: list[bytes], service: Service, tuned: Service, ports: dict[str, int]
) -> tuple[dict[str, Runs], dict[str, str]]:
    """Name → what runs for some seconds and returns frames a second, each on all cores; OpenVINO's ways → why refused."""
    count = cores()
    plain = planned_detector(folder, Plan("onnxruntime", "fp32", count, 1, ""))
    tensors = [letterbox(decoded(plain, picture), plain.bundle.input)[0] for picture in pictures]
    for number in range(count * CONNECTIONS_A_CORE):
        for one in (service, tuned):
            one.add_camera(f"bench-{number}", detectors=["fire"])

    def library(seconds: float) -> float:
        return in_threads(count, seconds, lambda _, n: plain.look(decoded(plain, pictures[n % PICTURES])))

    def session(detector: Detector) -> Runs:
        return lambda seconds: in_threads(count, seconds, lambda _, n: detector.runtime.run(tensors[n % PICTURES]))

    def over_http(port: int, path: str, key: str = service.key) -> Runs:
        return lambda seconds: load(pictures, port, key, count * CONNECTIONS_A_CORE, seconds, path)

    found: dict[str, Runs] = {"library": library, "session": session(plain)}
    found["frames"] = over_http(service.port, "/v1/cameras/bench-{n}/frames")
    found["tuned"] = over_http(tuned.port, "/v1/cameras/bench-{n}/frames", tuned.key)
    found["detect"] = over_http(service.port, "/v1/detect?detectors=fire")
    for name, port in ports.items():
        found[name] = over_http(port, "/detect#form" if name == "litserve" else "/detect")
    ways: dict[str, str] = {}
    for runtime, precision in options(plain.bundle) if has_openvino() else []:
        if runtime == "openvino" and precision != "fp32":
            detector = planned_detector(folder, Plan("openvino", precision, count, 1, ""))  # type: ignore[arg-type]
            found[f"openvino {precision}"] = session(detector)
            ways[f"openvino {precision}"] = _refusal(detector)
    return found, ways


def _refusal(detector: Detector) -> str:
    try:
        check_golden(detector)
    except BundleMismatch as error:
        return str(error).rpartition(": ")[2]
    return ""


def decoded(detector: Detector, picture: bytes) -> NDArray[np.uint8]:
    header = read_header(picture)
    return decode(picture, header, at_least=detector.needs(header.width, header.height))


def _prepare_to_infer(folder: Path, pictures: list[bytes]) -> float:
    """CPU time of one thread, which neighbours disturb least: everything around the graph to the graph itself."""
    detector = planned_detector(folder, Plan("onnxruntime", "fp32", 1, 1, ""))
    bundle, around, within = detector.bundle, [], []
    for number in range(CPU_ROUNDS):
        started = time.thread_time()
        tensor, _ = letterbox(decoded(detector, pictures[number % PICTURES]), bundle.input)
        prepared = time.thread_time()
        raw = detector.runtime.run(tensor)
        inferred = time.thread_time()
        read_head(bundle.head, raw, len(bundle.classes), min(bundle.thresholds.values()))
        around.append(prepared - started + time.thread_time() - inferred)
        within.append(inferred - prepared)
    return round(statistics.median(around) / statistics.median(within), 3)


def in_threads(count: int, seconds: float, one: Callable[[int, int], object]) -> float:
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


def load(pictures: list[bytes], port: int, key: str, connections: int, seconds: float, path: str) -> float:
    """Saturate `path` from a process of its own on the same cores; answers a second."""
    with tempfile.TemporaryDirectory() as folder:
        for number, picture in enumerate(pictures):
            (Path(folder) / f"{number:02}.jpg").write_bytes(picture)
        order = [sys.executable, "-m", "serving.bench.client", folder, str(port), str(connections), str(seconds), path]
        said = subprocess.run(order, env={**os.environ, "BALEFIRE_KEY": key}, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise SystemExit(f"{path}: {said.stderr.strip()[-500:]}")
    return float(said.stdout)


def contest(contestants: dict[str, Runs], rounds: int, seconds: float) -> dict[str, list[float]]:
    for one in contestants.values():  # warm up
        one(1.0)
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name, one in contestants.items():
            rates[name].append(one(seconds))
        console.print(f"round {number + 1} of {rounds}: " + ", ".join(f"{n} {r[-1]:.1f}/s" for n, r in rates.items()))
    return rates


def ratio(rates: dict[str, list[float]], name: str, other: str) -> float:
    """Median over the rounds of the ratio within each."""
    return round(statistics.median(a / b for a, b in zip(rates[name], rates[other], strict=True)), 3)
