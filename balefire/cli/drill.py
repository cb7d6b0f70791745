"""`balefire drill`: while one runs, every page and message says so."""

from __future__ import annotations

from typing import Annotated

import typer

from balefire.adapters.clock import SystemClock
from balefire.cli.screen import State, at_the_machine, database_of, out, settings_for
from balefire.flows import drill

app = typer.Typer(no_args_is_help=True, help="Exercises, marked on every page and message.")


@app.command("start")
def start(name: Annotated[str, typer.Argument(help="as everybody will read it")], state: State = None) -> None:
    """From now on it is a drill, on every replica."""
    drill.start(database_of(settings_for(state)), SystemClock().now(), name, at_the_machine())


@app.command("end")
def end(state: State = None) -> None:
    """From now on it is earnest."""
    drill.end(database_of(settings_for(state)), SystemClock().now(), at_the_machine())


@app.command("status")
def status(state: State = None) -> None:
    """Whether a drill runs."""
    with database_of(settings_for(state)).read() as work:
        running = drill.current(work)
    text = f"drill {running.name}, since {running.started_at:%F %T} UTC" if running else "no drill"
    out.print(text, markup=False, highlight=False)
