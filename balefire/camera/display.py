"""Watched cameras in the terminal: a small live table, or plain lines where there is no terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from balefire.camera.redact import scrub
from balefire.camera.status import Status

EVERY_S = 0.25
COLOURS = {"live": "green", "answers": "green", "lost": "red", "away": "red", "busy": "yellow"}


async def show(watched: Sequence[Status], console: Console, report_every_s: float) -> None:
    """Until it is cancelled. Notes are shown once; the figures are kept up to date, or told every `report_every_s`."""
    say = line_printer(console)
    if not console.is_terminal:
        return await _lines(watched, say, report_every_s)
    with Live(table(watched), console=console, auto_refresh=False, transient=True) as live:
        while True:
            for status in watched:
                tell(status, say)
            live.update(table(watched), refresh=True)
            await asyncio.sleep(EVERY_S)


async def _lines(watched: Sequence[Status], say: Callable[[str], None], report_every_s: float) -> None:
    report_at = time.monotonic() + report_every_s
    while True:
        for status in watched:
            tell(status, say)
        if time.monotonic() >= report_at:
            report_at = time.monotonic() + report_every_s
            for status in watched:
                report(status, say)
        await asyncio.sleep(EVERY_S)


def report(status: Status, say: Callable[[str], None]) -> None:
    """One line of figures."""
    took = "" if status.answer_ms is None else f", last answer {status.answer_ms:.0f} ms"
    say(f"{status.camera}: {status.counts}{took}")


def tell(status: Status, say: Callable[[str], None]) -> None:
    """Say every note that waits."""
    while status.notes:
        say(f"{status.camera}: {status.notes.popleft()}")


def line_printer(console: Console) -> Callable[[str], None]:
    """Prints a line with the time before it. What others sent stays text, and no address keeps its credentials."""
    return lambda line: console.print(Text(f"{datetime.now():%H:%M:%S} {_plain(scrub(line))}"), soft_wrap=True)


def table(watched: Sequence[Status]) -> Table:
    """Camera, source, server, counts, last answer, last event; a row for each."""
    rows = Table("camera", "source", "server", "frames", "answer", "last event", box=None, padding=(0, 2, 0, 0))
    for status in watched:
        took = "–" if status.answer_ms is None else f"{status.answer_ms:.0f} ms"
        rows.add_row(
            status.camera,
            _state(status.source, status.source_detail or status.shown_source),
            _state(status.server, status.server_detail or status.shown_server),
            str(status.counts),
            took,
            Text(_plain(status.last_event or "–")),
        )
    return rows


def _state(state: str, detail: str) -> Text:
    return Text.assemble((state, COLOURS.get(state, "default")), f" {_plain(scrub(detail))}")


def _plain(text: str) -> str:
    """Without control characters: an answer must not steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
