"""Minutes under load: does memory grow, do open files? A straight line through the second half says it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np

from serving.bench.contest import street_pictures
from serving.bench.fleet import Sent, post_for
from serving.bench.report import Row, console
from serving.bench.service import memory_mb, open_files, running

CAMERAS = 12
SAMPLE_S = 5.0
GROWTH_MB_AN_HOUR = 30.0


def run(minutes: float, folder: Path) -> dict[str, Row]:
    """`minutes` of twelve cameras. Writes the samples to `soak.csv` in `folder`."""
    pictures = street_pictures()
    samples: list[tuple[float, float, int]] = []  # seconds, MB, open files
    sent: list[Sent] = []
    with running(detectors="fire") as service:
        for number in range(CAMERAS):
            service.add_camera(f"bench-{number}", detectors=["fire"])
        started = time.monotonic()

        def load() -> None:
            while time.monotonic() - started < minutes * 60:
                sent.extend(post_for(pictures, service.port, service.key, CAMERAS, min(60.0, minutes * 60)))

        loading = threading.Thread(target=load)
        loading.start()
        while loading.is_alive():
            samples.append((time.monotonic() - started, memory_mb(service.pid), open_files(service.pid)))
            loading.join(SAMPLE_S)
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{second:.0f},{memory:.1f},{files}" for second, memory, files in samples]
    (folder / "soak.csv").write_text("\n".join(["second,memory_mb,open_files", *lines]) + "\n", encoding="utf-8")
    console.print(f"samples: {folder / 'soak.csv'}")
    late = samples[len(samples) // 2 :]
    bar = f"<= {GROWTH_MB_AN_HOUR:g}" if minutes >= 10 else ""  # a shorter one still warms up
    return {
        "soak_frames": Row(len(sent), f"frames in {minutes:g} minutes"),
        "soak_refused": Row(sum(one.status != 200 for one in sent), "of them without a 200", "<= 0"),
        "soak_memory": Row(round(slope([row[:2] for row in late]), 1), "MB an hour, over the second half", bar),
        "soak_memory_last": Row(round(samples[-1][1]), "MB at the end"),
        "soak_files": Row(
            max(row[2] for row in late) - min(row[2] for row in late), "open files, most less fewest, second half", "<= 20"
        ),
    }


def slope(points: list[tuple[float, float]]) -> float:
    """Per hour, by least squares, of (seconds, value); 0 for fewer than three points."""
    if len(points) < 3:
        return 0.0
    seconds, values = np.array(points).T
    return float(np.polyfit(seconds, values, 1)[0] * 3600)
