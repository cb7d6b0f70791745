"""Judge events on real footage: what is raised, how soon, and what is raised falsely.

    python -m training.judge_events                       # the champions and configs/policies.toml on use = "test"
    python -m training.judge_events --use val --policies mine.toml
    python -m training.judge_events --peer dfire-yolo11n  # also a detector of others under its plain rule

Every frame goes through the very `Watch` that serves, on a simulated clock and a database of its own. What the detectors
see is remembered (training/footage.py), so that another policy is judged in seconds. Policies are chosen on val; figures are
for test. Thermal footage is looked at by the thermal bundle and reported apart.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from balefire.adapters.database import migrate, open_database
from balefire.domain.camera import Camera, Kind
from balefire.domain.detection import Detection, Hazard
from balefire.domain.errors import BalefireError
from balefire.domain.event import Event
from balefire.domain.policy import Policies, Policy
from balefire.flows.ports import Database, Seen
from balefire.flows.rehearsal import Take, rehearse
from balefire.settings import read_policies
from balefire.vision.bundles import champion_folders, read_bundle
from balefire.vision.detector import Detector, load_detector
from training.footage import Footage, look_through, read_videos
from training.peers import peer_detector, read_peer
from training.places import CHECKOUT, Places, usual_places

BEGINS = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
PLAIN = 0.3  # the peer's confidence under its plain rule: three of five frames that overlap

console = Console()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One sequence. `raised_after_s`: from the first visible sign to the first event of flame or smoke; None where none was
    raised. `false_events`: raised where or before anything burnt. `quiet_h`: hours of scene without fire."""

    file: str
    thermal: bool
    burns: bool
    raised_after_s: float | None
    frames_after: int | None
    false_events: int
    quiet_h: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a name, and for a sequence the detector with the mark of its graph, and the policies."""

    name: str
    detector_for: Callable[[bool], tuple[Detector, str]]
    policies: Policies


def champions(policies: Policies, places: Places) -> Subject:
    """The fire champion, and the thermal one for thermal footage."""
    folders = champion_folders(places.models, ["fire", "thermal"])
    detectors = {name: load_detector(folder, threads=2) for name, folder in folders.items()}

    def of(thermal: bool) -> tuple[Detector, str]:
        detector = detectors["thermal" if thermal else "fire"]
        (name,) = detector.bundle.files[0].paths
        return detector, detector.bundle.files[0].paths[name]

    names = " + ".join(read_bundle(folder).reference for folder in folders.values())
    return Subject(names, of, policies)


def peer(name: str) -> Subject:
    """A detector of others under the plain rule: confidence 0.3, three of five frames whose boxes overlap."""
    detector = peer_detector(name, read_peer(name), threads=2)
    ends = {Hazard.FLAME: 120, Hazard.SMOKE: 600, Hazard.WASTE: 3600}  # as ours, so that its events are counted alike
    rules = {
        hazard: Policy(hazard, 3, 5, window_s=3600, open_s=open_s, confidence=PLAIN, link_distance=0.0)
        for hazard, open_s in ends.items()
    }
    return Subject(f"{name}, plain rule", lambda thermal: (detector, name), Policies.plain(rules))


def judge(subject: Subject, use: str | None, places: Places) -> list[Outcome]:
    """All footage of `use`. Raises BadLabel, BadSetting, BundleMismatch."""
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/events.sqlite"
        migrate(url)
        database = open_database(url)
        for number, video in enumerate(read_videos(places, use)):
            detector, mark = subject.detector_for(video.thermal)
            footage = look_through(video, detector, mark, places, console)
            outcomes.append(_judge(footage, database, f"camera-{number}", subject.policies, detector.bundle.thresholds))
        database.close()
    return outcomes


def _judge(
    footage: Footage, database: Database, name: str, policies: Policies, thresholds: dict[str, float]
) -> Outcome:  # fmt: skip
    kind = Kind.THERMAL if footage.video.thermal else Kind.VISIBLE
    takes = [take_of(look.at_s, look.width, look.height, look.mark, look.found, thresholds) for look in footage.looks]
    events = [event for event in rehearse(database, Camera(name, name, kind=kind), takes, policies).events if event.raised_at]
    return outcome_of(footage, [event for event in events if event.hazard is not Hazard.WASTE])


def take_of(
    at_s: float, width: int, height: int, mark: str, found: Iterable[Detection], thresholds: dict[str, float]
) -> Take:  # fmt: skip
    """A frame as the eye would hand it on: what reaches the bundle's thresholds, and the fainter rest."""
    sure: list[Detection] = []
    faint: list[Detection] = []
    for one in found:
        (sure if one.confidence >= thresholds[one.class_name] else faint).append(one)
    seen = Seen(width, height, tuple(sure), b"", {}, tuple(faint))
    return Take(BEGINS + timedelta(seconds=at_s), seen, mark)


def outcome_of(footage: Footage, raised: Sequence[Event]) -> Outcome:
    """Whatever is raised a frame or more before the first visible sign is false: onsets are known to about one frame."""
    onset, lasts_s = footage.onset_s, footage.looks[-1].at_s + footage.every_s
    at = sorted(raised, key=_seconds)
    earliest = float("inf") if onset is None else onset - footage.every_s
    true = [event for event in at if _seconds(event) >= earliest]
    after_s = max(0.0, _seconds(true[0]) - (onset or 0.0)) if true else None
    frames = sum((onset or 0.0) <= look.at_s <= _seconds(true[0]) for look in footage.looks) if true else None
    return Outcome(
        footage.video.file, footage.video.thermal, onset is not None, after_s, frames, len(at) - len(true),
        (lasts_s if onset is None else onset) / 3600, tuple(f"{event.hazard}: {event.reason}" for event in at),
    )  # fmt: skip


def poisson95(found: int) -> tuple[float, float]:
    """The exact 95 % interval of a count's mean (Garwood 1936)."""
    from scipy.stats import chi2

    low = float(chi2.ppf(0.025, 2 * found)) / 2 if found else 0.0
    return low, float(chi2.ppf(0.975, 2 * found + 2)) / 2


@dataclass(frozen=True, slots=True)
class Sum:
    """Over visible footage. Times in seconds; None where nothing was raised."""

    raised: int
    burning: int
    false_events: int
    quiet_h: float
    false_per_hour95: tuple[float, float]
    median_s: float | None
    p90_s: float | None
    median_frames: float | None


def sum_up(outcomes: Iterable[Outcome]) -> Sum:
    """Thermal footage is left out: it is reported apart."""
    rows = [row for row in outcomes if not row.thermal]
    times = sorted(row.raised_after_s for row in rows if row.raised_after_s is not None)
    frames = [row.frames_after for row in rows if row.frames_after is not None]
    false, quiet_h = sum(row.false_events for row in rows), sum(row.quiet_h for row in rows)
    low, high = poisson95(false)
    return Sum(
        len(times), sum(row.burns for row in rows), false, quiet_h, (low / quiet_h, high / quiet_h),
        statistics.median(times) if times else None, float(np.quantile(times, 0.9)) if times else None,
        statistics.median(frames) if frames else None,
    )  # fmt: skip


def table(judged: dict[str, list[Outcome]], use: str) -> Table:
    """A row a sequence, a pair of columns a subject."""
    shown = Table(title=f"events on {use}", caption="raised: seconds after the first visible sign (frames); in red: not at all")
    shown.add_column("sequence")
    for name in judged:
        shown.add_column(f"{name}: raised", justify="right")
        shown.add_column("false", justify="right")
    for rows in zip(*judged.values(), strict=True):
        cells = [cell for row in rows for cell in (_raised(row), str(row.false_events or ""))]
        shown.add_row(rows[0].file.removesuffix(".mp4"), *cells)
    shown.add_section()
    for label, cell in SUMS.items():
        shown.add_row(label, *(text for rows in judged.values() for text in (cell(sum_up(rows)), "")))
    return shown


def _raised(row: Outcome) -> str:
    if not row.burns:
        return ""
    return "[red]never[/red]" if row.raised_after_s is None else f"{row.raised_after_s:.0f} s ({row.frames_after})"


def _or_dash(value: float | None, unit: str = "") -> str:
    return "–" if value is None else f"{value:.0f}{unit}"


SUMS: dict[str, Callable[[Sum], str]] = {
    "fires raised (thermal apart)": lambda one: f"{one.raised} of {one.burning}",
    "false events": lambda one: f"{one.false_events} in {one.quiet_h:.1f} h",
    "false events an hour, 95 %": lambda one: f"{one.false_per_hour95[0]:.2f}–{one.false_per_hour95[1]:.2f}",
    "time to raise: median · 90th percentile": lambda one: f"{_or_dash(one.median_s, ' s')} · {_or_dash(one.p90_s, ' s')}",
    "frames to raise: median": lambda one: _or_dash(one.median_frames),
}


def plot(judged: dict[str, list[Outcome]], path: Path) -> None:
    """Frames from the first visible sign to the event, a bar a sequence that burns; false events as crosses."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    burning = [row.file.removesuffix(".mp4") for row in next(iter(judged.values())) if row.burns]
    figure, axes = pyplot.subplots(figsize=(9, 0.5 * len(burning) + 1.6), layout="constrained")
    height = 0.8 / len(judged)
    for number, (name, rows) in enumerate(judged.items()):
        burns = [row for row in rows if row.burns]
        places = [place + (number - (len(judged) - 1) / 2) * height for place in range(len(burns))]
        false = sum(row.false_events for row in rows if not row.thermal)
        label = f"{name}: {false} false events in {sum_up(rows).quiet_h:.1f} h"
        axes.barh(places, [row.frames_after or 0 for row in burns], height, label=label)
        for place, row in zip(places, burns, strict=True):
            axes.text((row.frames_after or 0) + 0.1, place, _words(row), va="center", fontsize=8)
    axes.set_yticks(range(len(burning)), burning)
    axes.invert_yaxis()
    axes.set_xlabel("frames from the first visible sign to the event")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _words(row: Outcome) -> str:
    return "never" if row.raised_after_s is None else f"{row.raised_after_s:.0f} s"


def main(
    use: Annotated[Literal["test", "val"], typer.Option(help="the footage: val to choose by, test for figures")] = "test",
    policies: Annotated[Path, typer.Option(help="another policies.toml")] = CHECKOUT / "configs/policies.toml",
    peer_name: Annotated[str, typer.Option("--peer", help="also a detector of others (configs/peers.toml)")] = "",
    out: Annotated[Path, typer.Option(help="folder for events-<use>.json and .png")] = Path("build/events"),
    reasons: Annotated[bool, typer.Option("--reasons", help="also print why each event was raised")] = False,
) -> None:
    """Judge events on real footage."""
    try:
        places = usual_places()
        subjects = [champions(read_policies(policies), places), *([peer(peer_name)] if peer_name else [])]
        judged = {subject.name: judge(subject, use, places) for subject in subjects}
    except (BalefireError, OSError) as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    Console(width=max(console.width, 120)).print(table(judged, use))
    if reasons:
        for row in (row for rows in judged.values() for row in rows if row.reasons):
            console.print(f"{row.file}: {'; '.join(row.reasons)}", markup=False, soft_wrap=True)
    plot(judged, out / f"events-{use}.png")
    facts = {name: {"sum": asdict(sum_up(rows)), "sequences": [asdict(row) for row in rows]} for name, rows in judged.items()}
    (out / f"events-{use}.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    console.print(f"also in {out}/events-{use}.json and .png", markup=False, soft_wrap=True)


def _seconds(event: Event) -> float:
    assert event.raised_at is not None
    return (event.raised_at - BEGINS).total_seconds()


if __name__ == "__main__":
    typer.run(main)
