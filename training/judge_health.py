"""Judge whether blind cameras are named: real footage, staged faults, the very `Watch` that serves on a simulated clock.

    python -m training.judge_health            # use = "test"
    python -m training.judge_health --use val  # what the limits in balefire/domain/health.py were chosen on

Each scene is watched for five minutes, a frame every five seconds, then something happens to the camera for three minutes, then
all is well again. Footage that is shorter is shown there and back. A fault is named when its spell begins in the service's own
words; any other spell is a false one. Where a view shows too little for a fault, the service says so beforehand (`unjudged`),
and the table counts such faults apart. Footage of cameras that move, or that was cut, is left out (MOVING).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from typing import Annotated, Literal, TypeVar

import typer
from astral import Observer
from astral.sun import elevation
from rich.console import Console
from rich.table import Table

from balefire.adapters.database import migrate, open_database
from balefire.adapters.sky import SunSky
from balefire.domain.camera import Camera, Kind, Position
from balefire.domain.errors import BalefireError
from balefire.domain.glance import Glance
from balefire.domain.health import Fault, Spell
from balefire.domain.policy import Policies
from balefire.flows.health import note_silence
from balefire.flows.ports import Database, Seen
from balefire.flows.rehearsal import NoPictures, StandStill
from balefire.flows.watch import Incoming, Watch
from balefire.vision.glance import glance
from balefire.vision.headers import read_header
from balefire.vision.image import Rgb, decode, to_jpeg
from training.footage import QUALITY, Video, frames_of, read_videos
from training.judge_events import poisson95
from training.places import Places, usual_places
from training.staging import STAGED, dimmed, window
from training.steps import steps

MOVING = {  # filmed by hand, from the air, or cut: no fixed camera
    "room-and-field-fire.mp4", "no-fire-snow.mp4", "drone-forest-fire-over.mp4", "forest-edge-fire.mp4",
    "petrol-station-minibus-ignition.mp4",
}  # fmt: skip
EVERY_S, BEFORE, DURING, AFTER = 5.0, 60, 36, 36  # frames
SILENT_S = 60.0
NOON, MIDNIGHT = datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 1, 0, tzinfo=UTC)
HERE = Position(0.0, 30.0)  # where noon is at noon
DUSK = datetime(2026, 6, 1, 18, tzinfo=UTC)
DUSK_EVERY_S, DUSK_FRAMES = 10.0, 720  # two hours
LIMIT_S = {"silent": 65.0, "frozen": 70.0}  # the others:
SIGHT_LIMIT_S = 30.0

T = TypeVar("T")
console = Console()


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame of a scene: when it is taken and what the camera's clock says, the picture; None: no frame comes."""

    at: datetime
    clock: datetime
    picture: bytes | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one staged fault on one video. `named_s`, `ended_s`: after it began, after it was over; None: never.
    `unjudged`: before it began, the service said that it could not tell it here."""

    video: str
    staged: str
    fault: str | None
    named_s: float | None
    ended_s: float | None
    unjudged: bool
    false: tuple[str, ...]
    watched_h: float


@dataclass(slots=True)
class GlancingEye:
    """Sees nothing that burns; says of each picture what it says of the camera. The same bytes are looked at once."""

    known: dict[bytes, Glance] = field(default_factory=dict)

    async def look(self, picture: bytes, camera: Camera, captured_at: datetime, backfill: bool, glance: bool) -> Seen:
        return Seen(640, 360, (), b"", {}, glance=self._glance(picture) if glance else None)

    def _glance(self, picture: bytes) -> Glance:
        mark = hashlib.sha256(picture).digest()
        if mark not in self.known:
            header = read_header(picture)
            self.known[mark] = glance(decode(picture, header, at_least=(640, 360)))
        return self.known[mark]

    def bundles(self) -> list[dict[str, str]]:
        return []


def judge(use: str, places: Places, only: str = "") -> list[Outcome]:
    """All footage of `use` that a fixed camera took; only: what happens has this in its name. Raises BadLabel, BadSetting."""
    outcomes = []
    videos = [video for video in read_videos(places, use) if video.file not in MOVING]
    with tempfile.TemporaryDirectory() as scratch, steps(videos, "staging faults", console) as walk:
        for video in walk:
            url = f"sqlite:///{scratch}/{video.file}.sqlite"
            migrate(url)
            database = open_database(url)
            frames = [rgb for _, rgb in frames_of(video, places.pictures / "videos" / video.file)]
            for staged, shoot in scenes(video, frames).items():
                if only not in staged:
                    continue
                outcomes.append(play(database, video, staged, shoot()))
            database.close()
    return outcomes


def scenes(video: Video, frames: Sequence[Rgb]) -> dict[str, Callable[[], list[Shot]]]:
    """What happens → how to shoot it: pictures take room, so one scene is made at a time."""
    begins = MIDNIGHT if _at_night(video) else NOON
    usual = list(islice(_there_and_back([_jpeg(window(frame)) for frame in frames]), BEFORE + DURING + AFTER))

    def shoot(part: Sequence[bytes | None]) -> list[Shot]:
        return _shots(begins, [*usual[:BEFORE], *part, *usual[BEFORE + DURING :]])

    def staged(effect: Callable[[Rgb], Rgb]) -> list[Shot]:
        return shoot([_jpeg(effect(frame)) for frame in islice(_there_and_back(frames), DURING)])

    def jumping() -> list[Shot]:
        shots = enumerate(_shots(begins, usual))
        ahead = timedelta(minutes=10)
        return [Shot(one.at, one.at + ahead * (BEFORE <= n < BEFORE + DURING), one.picture) for n, one in shots]

    found: dict[str, Callable[[], list[Shot]]] = {
        "nothing": partial(_shots, begins, usual),
        **{name: partial(staged, effect) for name, (_, effect) in STAGED.items()},
        "frozen": partial(shoot, [usual[BEFORE]] * DURING),
        "silent": partial(shoot, [None] * DURING),
        "clock jumps by ten minutes": jumping,
    }
    if _at_night(video):
        del found["dark by day"]
        return found
    return {**found, "night falls": partial(_dusk, frames), "night falls, position unknown": partial(_dusk, frames)}


def _dusk(frames: Sequence[Rgb]) -> list[Shot]:
    """The light goes with the sun: all of it 6° above the horizon, a hundredth 6° below."""
    shots = []
    for number, frame in enumerate(islice(_there_and_back(frames), DUSK_FRAMES)):
        at = DUSK + timedelta(seconds=number * DUSK_EVERY_S)
        height = elevation(Observer(HERE.lat, HERE.lon), at, with_refraction=False)
        light = 10 ** (2 * (min(max((height + 6) / 12, 0.0), 1.0) - 1))
        shots.append(Shot(at, at, _jpeg(dimmed(frame, light))))
    return shots


def play(database: Database, video: Video, staged: str, shots: Sequence[Shot]) -> Outcome:
    name = hashlib.sha256(f"{video.file} {staged}".encode()).hexdigest()[:16]
    kind = Kind.THERMAL if video.thermal else Kind.VISIBLE
    camera = Camera(name, name, kind=kind, position=None if staged.endswith("unknown") else HERE)
    with database.begin() as work:
        work.cameras.add(camera)
    clock = StandStill(shots[0].at)
    with ThreadPoolExecutor(1) as thread:
        watch = Watch(database, NoPictures(), GlancingEye(), Policies({}), clock, thread, sky=SunSky(), silent_s=SILENT_S)
        unjudged = asyncio.run(_feed(watch, database, clock, camera, shots))
    with database.read() as work:
        spells = work.health.between(shots[0].at, shots[-1].at, [camera.id])
    return _outcome(video, staged, shots, spells, told_at(database, camera.id), EXPECTED.get(staged) in unjudged)


async def _feed(
    watch: Watch, database: Database, clock: StandStill, camera: Camera, shots: Sequence[Shot]
) -> tuple[Fault, ...]:  # fmt: skip
    """Returns what the service said that it could not judge before anything happened."""
    unjudged: tuple[Fault, ...] = ()
    for number, shot in enumerate(shots):
        clock.at = shot.at
        if shot.picture is not None:
            await watch.take(Incoming(camera.id, shot.picture, shot.at, f"{number}", shot.clock))
        note_silence(database, shot.at, SILENT_S)
        if number == BEFORE - 1:
            with database.read() as work:
                unjudged = work.cameras.pulse(camera.id).unjudged
    return unjudged


def told_at(database: Database, camera: str) -> list[tuple[str, str, datetime]]:
    """What the stream told of this camera: new or end, which fault, when."""
    with database.read() as work:
        rows = [row for row in work.changes.after(0, 1_000_000) if row.kind == "camera" and row.subject == camera]
    return [(body["type"], body["fault"], row.at) for row in rows for body in [json.loads(row.body)]]


def _outcome(
    video: Video, staged: str, shots: Sequence[Shot], spells: Sequence[Spell], told: Sequence[tuple[str, str, datetime]],
    unjudged: bool,
) -> Outcome:  # fmt: skip
    fault = EXPECTED.get(staged)
    begun, well = shots[min(BEFORE, len(shots) - 1)].at, shots[min(BEFORE + DURING, len(shots) - 1)].at
    named = [at for kind, what, at in told if kind == "new" and what == fault and begun <= at]
    ended = [at for kind, what, at in told if kind == "end" and what == fault and named and at >= named[0]]
    false = [(what, at) for kind, what, at in told if kind == "new" and (what != fault or at < begun)]
    return Outcome(
        video.file, staged, fault,
        (named[0] - begun).total_seconds() if named else None,
        (ended[-1] - well).total_seconds() if ended else None,
        unjudged,
        tuple(_words(spells, what, at) for what, at in false),
        (shots[-1].at - shots[0].at).total_seconds() / 3600,
    )  # fmt: skip


def _words(spells: Sequence[Spell], fault: str, at: datetime) -> str:
    return next(f"{one.fault}: {one.reason}" for one in reversed(spells) if one.fault == fault and one.since <= at)


EXPECTED = {
    **{staged: fault for staged, (fault, _) in STAGED.items()},
    "frozen": "frozen", "silent": "silent", "clock jumps by ten minutes": "skewed",
}  # fmt: skip


def table(outcomes: Sequence[Outcome], use: str) -> Table:
    """A row for each thing that happens."""
    shown = Table(title=f"staged faults on {use}", caption="seconds: median (longest)")
    for column in ("what happens", "named", "in time", "named after", "ended after", "said unjudged", "false"):
        shown.add_column(column, justify="left" if column == "what happens" else "right")
    for staged in dict.fromkeys(one.staged for one in outcomes):
        rows = [one for one in outcomes if one.staged == staged]
        named = [one.named_s for one in rows if one.named_s is not None]
        ended = [one.ended_s for one in rows if one.ended_s is not None]
        limit = LIMIT_S.get(rows[0].fault or "", SIGHT_LIMIT_S)
        in_time = f"{sum(value <= limit for value in named)} in {limit:.0f} s" if rows[0].fault else "–"
        shown.add_row(
            staged, f"{len(named)} of {len(rows)}" if rows[0].fault else "–", in_time, _seconds(named), _seconds(ended),
            _unjudged(rows), str(sum(len(one.false) for one in rows) or ""),
        )  # fmt: skip
    return shown


def _unjudged(rows: Sequence[Outcome]) -> str:
    said = [one for one in rows if one.unjudged]
    return f"{len(said)}, named {sum(one.named_s is not None for one in said)}" if said else ""


def _seconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.0f} ({max(values):.0f})" if values else "–"


def _shots(begins: datetime, pictures: Sequence[bytes | None]) -> list[Shot]:
    times = [begins + timedelta(seconds=number * EVERY_S) for number in range(len(pictures))]
    return [Shot(at, at, picture) for at, picture in zip(times, pictures, strict=True)]


def _there_and_back(items: Sequence[T]) -> Iterator[T]:
    """For ever, and no item twice in a row."""
    return cycle([*items, *items[-2:0:-1]])


def _jpeg(rgb: Rgb) -> bytes:
    return to_jpeg(rgb, QUALITY)


def _at_night(video: Video) -> bool:
    return "night" in video.file


def main(
    use: Annotated[Literal["val", "test"], typer.Option(help="which footage")] = "test",
    only: Annotated[str, typer.Option(help="only what happens so, as `night`")] = "",
    reasons: Annotated[bool, typer.Option(help="name what was not named, and what was named falsely")] = False,
) -> None:
    """Show the table, and how often a healthy camera was called faulty."""
    try:
        outcomes = judge(use, usual_places(), only)
    except BalefireError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from error
    console.print(table(outcomes, use))
    false, hours = sum(len(one.false) for one in outcomes), sum(one.watched_h for one in outcomes)
    low, high = poisson95(false)
    videos = len({one.video for one in outcomes})
    console.print(
        f"{videos} videos, {hours:.1f} hours of the clock: {false} false faults "
        f"(95 %: {low / hours:.2f} to {high / hours:.2f} an hour)",
        highlight=False,
    )
    if reasons:
        for one in outcomes:
            if one.false or (one.fault and one.named_s is None):
                said = "not named, and said so before; " if one.unjudged else "not named; "
                missed = "" if one.fault is None or one.named_s is not None else said
                console.print(f"{one.video}, {one.staged}: {missed}{'; '.join(one.false)}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
