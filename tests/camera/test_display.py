"""What a person sees of a watch."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from balefire.camera.display import show
from balefire.camera.status import Status


def _shown(status: Status, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=160)

    async def story() -> None:
        screen = asyncio.create_task(show([status], console, report_every_s=0.1))
        await asyncio.sleep(0.6)
        screen.cancel()
        await asyncio.gather(screen, return_exceptions=True)

    asyncio.run(story())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _status() -> Status:
    status = Status("ridge-1", "rtsp://***@cam/live", "http://server")
    status.source_is("live")
    status.server_is("away", "cannot connect to http://me:s3cret-pw@server")
    status.counts.taken = status.counts.waiting = 7
    status.answer_ms = 41.6
    status.last_event = "smoke [red]\x1b[2J"
    return status


@pytest.mark.parametrize("terminal", [True, False])
def test_the_state_the_counts_and_the_last_answer_are_there_and_no_password(terminal: bool) -> None:
    text = _shown(_status(), terminal)
    for part in ("ridge-1", "away", "0 sent", "7 waiting in the spool", "42 ms"):
        assert part in text
    assert "s3cret-pw" not in text


def test_what_a_server_says_steers_no_terminal() -> None:
    status = _status()
    status.notes.append("event raised: smoke\x1b[2J [bold]x[/bold]")
    shown = _shown(status, terminal=True)
    assert "\x1b[2J" not in shown
    assert "[bold]x[/bold]" in shown


def test_a_state_is_said_once() -> None:
    status = Status("ridge-1", "a", "b")
    for _ in range(5):
        status.server_is("away", "cannot connect")
    status.refused("422: not a picture")
    status.refused("422: not a picture")
    assert list(status.notes) == ["server away: cannot connect", "server answers", "frame refused: 422: not a picture"]
