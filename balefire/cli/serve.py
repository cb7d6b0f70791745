"""`balefire serve` and `balefire purge`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from rich.table import Table

from balefire.cli.screen import Config, State, database_of, out, settings_for
from balefire.domain.errors import BadSetting
from balefire.settings import CHECKOUT


def serve(
    state: State = None,
    port: Annotated[int | None, typer.Option(help="3000 by default")] = None,
    host: Annotated[str | None, typer.Option(help="127.0.0.1 unless told otherwise")] = None,
    config: Config = None,
) -> None:
    """Start the service. What it needs is checked first, so that a fault is one line here."""
    if port is not None:
        os.environ["BALEFIRE_PORT"] = str(port)
    if host is not None:
        os.environ["BALEFIRE_HOST"] = host
    settings = settings_for(state, config)
    if not (CHECKOUT / "serving" / "service.py").is_file():
        raise BadSetting("balefire serves from a checkout or from its Bento: serving/ is not here")
    if settings.database_url:
        database_of(settings)  # one elsewhere may not answer; our own file the service itself brings up to date
    os.environ["BALEFIRE_STATE"] = str(settings.state.resolve())
    os.environ["BENTOML_DO_NOT_TRACK"] = "true"
    os.environ.setdefault("BENTOML_HOME", str(settings.state.resolve() / "bentoml"))  # two services would share their metrics
    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "serving"])


def purge(state: State = None, config: Config = None) -> None:
    """Throw away what retention says is due, now, and say what that was."""
    from balefire.adapters.clock import SystemClock
    from balefire.adapters.frames import open_frames
    from balefire.flows import retention

    settings = settings_for(state, config)
    store = open_frames(settings.frames(), reserve_bytes=0)
    counts = retention.purge(database_of(settings), store, SystemClock().now(), settings.retention.value())
    table = Table("purged", "count")
    for name, count in counts.items():
        table.add_row(name, str(count))
    out.print(table)
