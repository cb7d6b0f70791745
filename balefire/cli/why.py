"""`balefire why`: how one event came about, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from balefire.cli.screen import Config, State, database_of, out, settings_for
from balefire.domain.errors import BadInput, BadSetting
from balefire.flows.story import Step, Story
from balefire.settings import read_policies

SHOWN = 3  # frames at either end of a run in which nothing changes


def why(
    event: Annotated[str, typer.Argument(help="its id, as the page and /v1/events show it")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="the time line; why-EVENT.png by default")] = None,
    every: Annotated[bool, typer.Option("--all", help="every frame, also where nothing changes")] = False,
    state: State = None,
    config: Config = None,
) -> None:
    """Show why EVENT was raised, or was not: every frame, what was seen in it, and what was decided."""
    from balefire.adapters.sky import SunSky
    from balefire.flows.story import tell
    from balefire.vision.time_line import time_line_png

    settings = settings_for(state, config)
    if not settings.database_url and not (settings.state / "balefire.sqlite").is_file():
        raise BadSetting(f"{settings.state}: no service has kept its state here; --state names another folder")
    story = tell(database_of(settings), event, read_policies(settings.policies), SunSky())
    show(story, every)
    save(time_line_png([story]), output or Path(f"why-{story.event.id}.png"))


def show(story: Story, every: bool) -> None:
    """The story on the screen."""
    event, policy = story.event, story.policy
    began = f"from {event.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    _say(f"{event.hazard} on {event.camera} {began}: {event.state}; {event.reason}")
    _say(
        f"rule: {policy.sightings} of {policy.frames} frames within {policy.window_s:g} s, confidence from "
        f"{policy.confidence:g}" + (f", counted twice from {policy.sure:g}" if policy.sure <= 1 else "")
    )
    table = Table("captured", "seen", "box", "state", "decision", "words", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in table.columns[:-1]:
        column.no_wrap = True
    said = ""
    for step in story.steps if every else _shortened(story.steps):
        cells = _cells(step) if isinstance(step, Step) else (step, "", "", "", "", "")
        table.add_row(*cells[:-1], cells[-1] if cells[-1] != said else "")
        said = cells[-1] or said
    out.print(table)
    if not story.agrees:
        out.print("today's policies decide otherwise than it was decided then", style="yellow")
    if not story.whole:
        out.print("a long story: only its first 10,000 frames are shown", style="yellow")


def save(png: bytes, path: Path) -> None:
    """Raises BadInput where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    _say(f"time line in {path}")


def _say(words: str) -> None:
    out.print(words, markup=False, highlight=False, soft_wrap=True)


def _shortened(steps: Sequence[Step]) -> Iterator[Step | str]:
    """Runs of frames in which neither state nor decision changes, without their middle."""
    for _, run in groupby(steps, key=lambda step: (step.state, step.code, step.confidence is None)):
        same = list(run)
        if len(same) <= 2 * SHOWN + 1:
            yield from same
            continue
        yield from same[:SHOWN]
        yield f"… {len(same) - 2 * SHOWN} more"
        yield from same[-SHOWN:]


def _cells(step: Step) -> tuple[str, ...]:
    captured = f"{step.captured_at.astimezone(UTC):%H:%M:%S}" + ("" if step.status == "accepted" else f" {step.status}")
    seen = "" if step.confidence is None else f"{step.confidence:.2f}"
    box = "" if step.box is None else " ".join(f"{value:.2f}" for value in step.box.xyxy)
    words = step.reason if step.confidence is not None else ""
    return captured, seen, box, str(step.state or ""), step.code if seen else "", words
