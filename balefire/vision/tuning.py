"""Measure one bundle on this machine: every runtime and precision it can run in, by every layout of workers and threads.

What does not pass the bundle's golden pictures is written down with the reason, and never chosen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from balefire.domain.bundle import Bundle
from balefire.domain.errors import BalefireError
from balefire.vision.bundles import read_bundle
from balefire.vision.detector import Detector, planned_detector
from balefire.vision.golden import check_golden
from balefire.vision.openvino_runtime import has_openvino, openvino_has_bf16
from balefire.vision.plan import Layout, Plan, Wish
from balefire.vision.processor import cores
from balefire.vision.runtimes import Runtime, has_cuda

NOTICEABLE = 1.05  # times as many frames a second before a less exact precision or another runtime is taken


@dataclass(frozen=True, slots=True)
class Measured:
    """One way to run a bundle. frames_per_second: of bare inference, all workers; 0 where it was refused.

    matched: share of golden boxes found again, 0–1; refused: why it is never chosen, or "".
    """

    runtime: str
    precision: str
    workers: int
    threads: int
    frames_per_second: float = 0.0
    matched: float = 0.0
    refused: str = ""


def tune(folder: Path, rounds: int = 5, seconds: float = 0.6) -> list[Measured]:
    """Every way to run the bundle in `folder`. Rounds take turns and the best one counts: others' work only slows.

    Takes about `rounds` x `seconds` for each way. Raises BundleMismatch.
    """
    bundle = read_bundle(folder)
    shape = (1, 3, bundle.input.height, bundle.input.width)
    picture = np.random.default_rng(1).random(shape, np.float32)
    ways = [_open(folder, runtime, precision, layout) for runtime, precision in options(bundle) for layout in layouts(cores())]
    able = [(row, detector.runtime) for row, detector in ways if detector is not None]
    rates: list[list[float]] = [[] for _ in able]
    for _ in range(rounds):
        for index, (row, runtime) in enumerate(able):
            rates[index].append(_rate(runtime, picture, row.workers, seconds))
    done = [_with_rate(row, max(found)) for (row, _), found in zip(able, rates, strict=True)]
    return [*done, *(row for row, detector in ways if detector is None)]


def options(bundle: Bundle) -> list[tuple[str, str]]:
    """(runtime, precision) that this machine and this bundle have, the most exact first."""
    found = [("onnxruntime", files.precision) for files in bundle.files if files.runtime == "onnxruntime"]
    if has_cuda():
        found += [("cuda", files.precision) for files in bundle.files if files.runtime == "onnxruntime"]
    if has_openvino():
        found += [("openvino", files.precision) for files in bundle.files]
        if openvino_has_bf16():
            found.append(("openvino", "bf16"))
    return list(dict.fromkeys(found))


def layouts(count: int) -> list[Layout]:
    """One thread a worker on every core, one worker with every core, and what lies between."""
    found = [Layout(count, 1), Layout(max(1, count // 2), 2), Layout(1, count)]
    return list(dict.fromkeys(layout for layout in found if layout.workers * layout.threads <= count))


def best(measured: Iterable[Measured], wish: Wish, layout: Layout | None = None) -> Measured | None:
    """The fastest that passed and that the settings allow; another than the first, most exact one has to be worth it."""
    able = [row for row in measured if not row.refused and wish.allows(row.runtime, row.precision, row.workers)]
    if layout is not None:
        able = [row for row in able if (row.workers, row.threads) == (layout.workers, layout.threads)]
    chosen: Measured | None = None
    for row in able:
        if chosen is None or row.frames_per_second > chosen.frames_per_second * NOTICEABLE:
            chosen = row
    return chosen


def common_layout(bundles: Sequence[Sequence[Measured]], wish: Wish) -> Layout | None:
    """The layout in which all bundles together are fastest: their graphs share the workers. None: nothing was measured."""
    every = dict.fromkeys(Layout(row.workers, row.threads) for rows in bundles for row in rows)
    times = {layout: [best(rows, wish, layout) for rows in bundles] for layout in every}
    able = {layout: sum(1 / row.frames_per_second for row in rows if row) for layout, rows in times.items() if all(rows)}
    return min(able, key=lambda layout: able[layout], default=None)


def plan_of(chosen: Measured, measured: Sequence[Measured]) -> Plan:
    """The plan with its reason in words."""
    plain = best([row for row in measured if (row.runtime, row.precision) == ("onnxruntime", "fp32")], Wish())
    reason = f"measured here: {chosen.frames_per_second:.0f} frames a second, {chosen.matched:.0%} of golden boxes"
    if plain is not None and plain != chosen:
        times = chosen.frames_per_second / plain.frames_per_second
        reason += f"; {times:.2f} times the {plain.frames_per_second:.0f} of onnxruntime fp32"
    refused = sorted({f"{row.runtime} {row.precision}" for row in measured if row.refused})
    reason += f"; refused: {', '.join(refused)}" if refused else ""
    return Plan(chosen.runtime, chosen.precision, chosen.workers, chosen.threads, reason)  # type: ignore[arg-type]


def _open(folder: Path, runtime: str, precision: str, layout: Layout) -> tuple[Measured, Detector | None]:
    plan = Plan(runtime, precision, layout.workers, layout.threads, "")  # type: ignore[arg-type]
    try:
        detector = planned_detector(folder, plan)
        matched = check_golden(detector)
    except BalefireError as error:
        return Measured(runtime, precision, layout.workers, layout.threads, refused=str(error)), None
    return Measured(runtime, precision, layout.workers, layout.threads, matched=round(matched, 4)), detector


def _with_rate(row: Measured, rate: float) -> Measured:
    return Measured(row.runtime, row.precision, row.workers, row.threads, round(rate, 2), row.matched)


def _rate(runtime: Runtime, picture: NDArray[np.float32], callers: int, seconds: float) -> float:
    """Pictures a second of `callers` threads, for at least one picture each."""
    done = [0] * callers
    started = time.perf_counter()

    def call(index: int) -> None:
        while done[index] == 0 or time.perf_counter() - started < seconds:
            runtime.run(picture)
            done[index] += 1

    threads = [threading.Thread(target=call, args=(index,)) for index in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - started)
