"""How many 1080p cameras at one frame a second this machine holds, and what happens at twice as many.

A step holds where every frame is answered 200, none gave way to a newer one, and 95 of 100 come back within a second.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from balefire.vision.processor import cores
from serving.bench.contest import street_pictures
from serving.bench.fleet import Sent, post_for
from serving.bench.report import Row, console
from serving.bench.service import Service, memory_mb, running

STEPS = 5
P95_S = 1.0
WANTED_ON_TWO_CORES = 30
GROWTH_MB = 60.0  # over the whole overload: caches that fill, no leak


@dataclass(frozen=True, slots=True)
class Step:
    """One number of cameras. Seconds from the moment a frame was due to its answer."""

    cameras: int
    p50_s: float
    p95_s: float
    answered: int
    seen: int  # answered and looked at: not given way to a newer one
    sent: int

    @property
    def holds(self) -> bool:
        return self.seen == self.sent and self.p95_s <= P95_S


def run(most: int, seconds: float, folder: Path) -> dict[str, Row]:
    """Steps up to `most` cameras, then twice what held. Writes `cameras.png` into `folder`."""
    pictures = street_pictures()
    with running(detectors="fire", queue=str(max(64, most))) as service:
        service.tune()
        console.print(*service.plans(), sep="\n", highlight=False)
        counts = sorted({max(1, round(most * step / STEPS)) for step in range(1, STEPS + 1)})
        _add(service, 2 * most)
        post_for(pictures, service.port, service.key, 2, 4)  # warm
        steps = [_step(service, pictures, count, seconds) for count in counts]
        held = max((step.cameras for step in steps if step.holds), default=0)
        before, doubled = memory_mb(service.pid), 2 * max(held, counts[0])
        sent = post_for(pictures, service.port, service.key, doubled, seconds * 2)
        grown = memory_mb(service.pid) - before
        alive = service.process is not None and service.process.poll() is None and service.ask("GET", "/v1/bundles")[0] == 200
    _plot(steps, held, folder / "cameras.png")
    return _rows(steps, held, doubled, sent, grown, alive)


def _rows(steps: list[Step], held: int, doubled: int, sent: list[Sent], grown_mb: float, alive: bool) -> dict[str, Row]:
    seen = Counter(one.camera for one in sent if one.said in ("accepted", "late", "frozen"))
    shares = [seen[camera] for camera in range(doubled)]
    refused = [one for one in sent if one.status in (429, 503)]
    fair = min(shares) / max(1.0, sum(shares) / doubled)
    at_wanted = next((step.p95_s for step in steps if step.cameras >= WANTED_ON_TWO_CORES), 0.0)
    bar = f">= {WANTED_ON_TWO_CORES * cores() // 2}"
    return {
        "cameras_held": Row(held, f"1080p cameras at 1 frame/s, p95 under 1 s; tried to {steps[-1].cameras}", bar),
        "cameras_p95": Row(round(at_wanted, 3), f"s, p95 at the first step from {WANTED_ON_TWO_CORES} cameras"),
        "overload_cameras": Row(doubled, "cameras, twice what held"),
        "overload_alive": Row(float(alive), "it answers afterwards", ">= 1"),
        "overload_lost": Row(sum(one.status not in (200, 429, 503) for one in sent), "frames without a proper answer", "<= 0"),
        "overload_seen": Row(round(sum(shares) / len(sent), 3), "of the frames looked at"),
        "overload_share": Row(round(fair, 2), "of the mean share, for the camera with the least", ">= 0.5"),
        "overload_memory": Row(round(grown_mb, 1), "MB more than before", f"<= {GROWTH_MB:g}"),
        "overload_retry_after": Row(
            round(sum(one.retry_after for one in refused) / len(refused), 3) if refused else 1.0,
            f"of {len(refused)} refusals say when to come again", ">= 1",
        ),
    }  # fmt: skip


def _step(service: Service, pictures: list[bytes], cameras: int, seconds: float) -> Step:
    sent = post_for(pictures, service.port, service.key, cameras, seconds)
    latencies = sorted(one.latency_s for one in sent)
    step = Step(
        cameras, percentile(latencies, 0.5), percentile(latencies, 0.95), sum(one.status == 200 for one in sent),
        sum(one.said in ("accepted", "late", "frozen") for one in sent), len(sent),
    )  # fmt: skip
    holds = "holds" if step.holds else "does not hold"
    console.print(
        f"{cameras} cameras: p50 {step.p50_s:.3f} s, p95 {step.p95_s:.3f} s, {step.seen} of {step.sent} seen: {holds}"
    )
    return step


def percentile(ordered: list[float], share: float) -> float:
    """Of an ordered list that is not empty, by nearest rank."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _add(service: Service, count: int) -> None:
    for number in range(count):
        service.add_camera(f"bench-{number}", detectors=["fire"])


def _plot(steps: list[Step], held: int, path: Path) -> None:
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        console.print("no plot: matplotlib is not installed")
        return
    mpl.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    counts = [step.cameras for step in steps]
    axes.plot(counts, [step.p50_s for step in steps], "o-", label="median")
    axes.plot(counts, [step.p95_s for step in steps], "s--", label="95th percentile")
    axes.axhline(P95_S, color="grey", linewidth=1)
    axes.set(
        xlabel=f"1080p cameras at one frame a second, {cores()} cores", ylabel="seconds from due to answered", yscale="log"
    )
    axes.set_title(f"{held} cameras hold")
    axes.legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    console.print(f"plot: {path}")
