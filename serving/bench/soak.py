"""Minutes at 80 % of what this machine holds: does memory grow, do open files?

The rate it holds is measured first. Memory counts from the fifth minute: by then caches and pools are full. Its growth is the
mean of the last two minutes less the mean of the first two that count.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from serving.bench.contest import street_pictures
from serving.bench.fleet import Sent, post_for
from serving.bench.report import Row, console
from serving.bench.saturation import frames_a_second
from serving.bench.service import memory_mb, open_files, running

LOAD = 0.8
SAMPLE_S = 5.0
WARM_MIN = 5.0
MEAN_MIN = 2.0
GROWTH_MB = 5.0
FILES = 20  # connections come and go


@dataclass(frozen=True, slots=True)
class Sample:
    second: float
    memory_mb: float
    open_files: int


def run(minutes: float, folder: Path) -> dict[str, Row]:
    """Cameras at one frame a second for `minutes`. Writes `soak.csv` and `soak.png` in `folder`."""
    pictures = street_pictures()
    with running(detectors="fire", frames_per_second="10000") as service:
        service.add_camera("bench-0", detectors=["fire"])
        rate = frames_a_second(service, pictures)
        cameras = max(1, int(LOAD * rate))
        console.print(f"{rate:.1f} frames a second at most: {cameras} cameras at one a second")
        for number in range(1, cameras):
            service.add_camera(f"bench-{number}", detectors=["fire"])
        sent: list[Sent] = []
        load = threading.Thread(
            target=lambda: sent.extend(post_for(pictures, service.port, service.key, cameras, minutes * 60))
        )
        started = time.monotonic()
        load.start()
        samples = []
        while load.is_alive():
            samples.append(Sample(time.monotonic() - started, memory_mb(service.pid), open_files(service.pid)))
            load.join(SAMPLE_S)
    _write(samples, folder / "soak.csv")
    _plot(samples, cameras, folder / "soak.png")
    return _rows(samples, sent, minutes, rate, cameras)


def _rows(samples: Sequence[Sample], sent: list[Sent], minutes: float, rate: float, cameras: int) -> dict[str, Row]:
    rows = {
        "soak_rate": Row(round(rate, 1), "frames a second at most, four cameras without a pause"),
        "soak_cameras": Row(cameras, f"cameras at one frame a second: {LOAD:.0%} of it"),
        "soak_frames": Row(len(sent), f"frames in {minutes:g} minutes"),
        "soak_refused": Row(sum(one.status != 200 for one in sent), "of them without a 200", "<= 0"),
        "soak_memory_last": Row(round(samples[-1].memory_mb), "MB at the end"),
    }
    if minutes < WARM_MIN + 2 * MEAN_MIN:
        console.print(f"too short to say whether anything grows: {WARM_MIN + 2 * MEAN_MIN:g} minutes or more do")
        return rows
    late = [one for one in samples if one.second >= WARM_MIN * 60]
    means = f"mean of the last {MEAN_MIN:g} minutes less that of the first, from minute {WARM_MIN:g}"
    return rows | {
        "soak_memory": Row(round(growth_mb(late), 1), f"MB more: {means}", f"<= {GROWTH_MB:g}"),
        "soak_files": Row(
            round(_files_grown([one.open_files for one in late]), 1), "open files more, last tenth", f"<= {FILES}"
        ),
    }


def growth_mb(samples: Sequence[Sample]) -> float:
    """Mean memory of the last `MEAN_MIN` minutes less that of the first."""
    first, last = samples[0].second + MEAN_MIN * 60, samples[-1].second - MEAN_MIN * 60
    early = [one.memory_mb for one in samples if one.second <= first]
    return float(np.mean([one.memory_mb for one in samples if one.second >= last]) - np.mean(early))


def _files_grown(files: Sequence[int]) -> float:
    tenth = max(1, len(files) // 10)
    return float(np.mean(files[-tenth:]) - np.mean(files[:tenth]))


def _write(samples: Sequence[Sample], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{one.second:.0f},{one.memory_mb:.1f},{one.open_files}" for one in samples]
    path.write_text("\n".join(["second,memory_mb,open_files", *lines]) + "\n", encoding="utf-8")
    console.print(f"samples: {path}")


def _plot(samples: Sequence[Sample], cameras: int, path: Path) -> None:
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        console.print("no plot: matplotlib is not installed")
        return
    mpl.use("agg")
    from matplotlib import pyplot

    figure, (memory, files) = pyplot.subplots(2, 1, figsize=(7, 5), sharex=True)
    minutes = [one.second / 60 for one in samples]
    memory.plot(minutes, [one.memory_mb for one in samples])
    memory.axvspan(0, min(WARM_MIN, minutes[-1]), color="grey", alpha=0.15, label="warms up")
    memory.set(ylabel="memory, MB", title=f"{cameras} cameras at one frame a second", ylim=(0, None))
    memory.legend(loc="lower right")
    files.plot(minutes, [one.open_files for one in samples])
    files.set(xlabel="minutes", ylabel="open files", ylim=(0, None))
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
    console.print(f"plot: {path}")
