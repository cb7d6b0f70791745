"""What the commands share: the terminal, and the database of a state folder."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from balefire.domain.access import HOUSE, Principal
from balefire.domain.errors import BalefireError
from balefire.flows.ports import Database
from balefire.settings import Settings, read_settings

out, err = Console(), Console(stderr=True)

State = Annotated[Path | None, typer.Option("--state", help="the service's folder; BALEFIRE_STATE, else ./state")]
Config = Annotated[Path | None, typer.Option("--config", help="a TOML file of settings, as configs/service.toml")]


def settings_for(state: Path | None, config: Path | None = None) -> Settings:
    """Settings with what the command line says on top, for this process and those it starts."""
    if config:
        os.environ["BALEFIRE_CONFIG"] = str(config.resolve())
    if state:
        os.environ["BALEFIRE_STATE"] = str(state.resolve())
    return read_settings()


def database_of(settings: Settings) -> Database:
    """The database, brought up to date."""
    from balefire.adapters.database import migrate, open_database

    settings.state.mkdir(parents=True, exist_ok=True)
    migrate(settings.database())
    return open_database(settings.database(), settings.notify.channels())


def at_the_machine() -> Principal:
    """As the audit log names whoever sits at this command line."""
    return replace(HOUSE, id=f"command line, {getpass.getuser()}")


def complain(error: BalefireError) -> None:
    err.print(f"balefire: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
