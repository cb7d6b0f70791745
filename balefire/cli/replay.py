"""`balefire replay`: a video through the champions and the rules, on a clock of its own, without a service."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from balefire.cli.screen import out
from balefire.cli.why import save, show
from balefire.domain.camera import Camera, Kind, Mount
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadInput
from balefire.domain.policy import Policies
from balefire.settings import Settings, read_policies, read_settings

if TYPE_CHECKING:
    from balefire.flows.rehearsal import Take
    from balefire.flows.story import Story
    from balefire.vision.detector import Detector

CAMERA = "replay"


def replay(
    video: Annotated[Path, typer.Argument(help="a video file")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="the time line; replay-VIDEO.png by default")] = None,
    fps: Annotated[float, typer.Option(min=0.01, max=60, help="frames a second that are looked at")] = 1.0,
    seconds_per_frame: Annotated[float | None, typer.Option(min=0.1, help="of a time lapse: time between two frames")] = None,
    thermal: Annotated[bool, typer.Option("--thermal", help="a thermal camera's: the thermal champion looks")] = False,
    mount: Annotated[Mount, typer.Option(help="fixed, turning or moving")] = Mount.FIXED,
    policies: Annotated[Path | None, typer.Option(help="another policies.toml")] = None,
    bundle: Annotated[list[Path] | None, typer.Option(help="bundle folders; the champions by default")] = None,
    every: Annotated[bool, typer.Option("--all", help="also events that were never raised, and every frame")] = False,
) -> None:
    """Show what a service would have raised on VIDEO, and why: frame by frame."""
    from balefire.vision.time_line import time_line_png

    settings = read_settings()
    rules = read_policies(policies or settings.policies)
    camera = Camera(CAMERA, video.name, kind=Kind.THERMAL if thermal else Kind.VISIBLE, mount=mount)
    takes = list(_looked(video, _detectors(settings, bundle, thermal), rules, fps, seconds_per_frame))
    if not takes:
        raise BadInput(f"{video}: there is no picture in it")
    stories = _stories(camera, takes, rules)
    raised = [story for story in stories if story.event.raised_at]
    for story in stories if every else raised:
        show(story, every)
    last_s = (takes[-1].captured_at - takes[0].captured_at).total_seconds()
    out.print(f"{len(takes)} frames, {last_s:.0f} s: {len(raised)} raised, {len(stories) - len(raised)} not", highlight=False)
    for story in stories:
        event = story.event
        when = (
            f"raised after {(event.raised_at - takes[0].captured_at).total_seconds():.0f} s"
            if event.raised_at
            else "not raised"
        )
        out.print(f"  {event.hazard}: {when}; {event.code}; {event.reason}", markup=False, highlight=False, soft_wrap=True)
    if stories:
        save(time_line_png([*raised, *(story for story in stories if not story.event.raised_at)]), output or _named(video))


def _named(video: Path) -> Path:
    return Path(f"replay-{video.stem}.png")


def _detectors(settings: Settings, bundles: list[Path] | None, thermal: bool) -> list[Detector]:
    from balefire.vision.bundles import champion_folders
    from balefire.vision.detector import load_detector

    names = ["thermal"] if thermal else ["fire"]
    folders = bundles or list(champion_folders(settings.models, names).values())
    return [load_detector(folder, settings.runtime, threads=2) for folder in folders]


def _looked(
    video: Path, detectors: list[Detector], rules: Policies, fps: float, seconds_per_frame: float | None
) -> Iterator[Take]:
    """Each frame as the service's eye would hand it on; its mark is the SHA-256 of its pixels."""
    from balefire.camera.film import film
    from balefire.flows.ports import Seen
    from balefire.flows.rehearsal import Take

    begins = datetime.fromtimestamp(video.stat().st_mtime, UTC) if video.is_file() else datetime.now(UTC)
    floors = {hazard: rules.floor(hazard) for hazard in Hazard}
    for at_s, rgb in film(video, fps, seconds_per_frame):
        both = [detector.sight(rgb, floors) for detector in detectors]
        sure, faint = (tuple(one for part in parts for one in part) for parts in zip(*both, strict=True))
        seen = Seen(rgb.shape[1], rgb.shape[0], sure, b"", {}, faint)
        yield Take(begins + timedelta(seconds=at_s), seen, hashlib.sha256(rgb.tobytes()).hexdigest())


def _stories(camera: Camera, takes: list[Take], rules: Policies) -> list[Story]:
    from balefire.adapters.database import migrate, open_database
    from balefire.flows.rehearsal import rehearse
    from balefire.flows.story import tell

    with tempfile.TemporaryDirectory(prefix="balefire-replay-") as folder:
        url = f"sqlite:///{folder}/replay.sqlite"
        migrate(url)
        database = open_database(url)
        events = rehearse(database, camera, takes, rules).events
        stories = [tell(database, event.id, rules) for event in events]
        database.close()
    return stories
