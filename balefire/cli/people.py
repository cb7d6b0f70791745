"""`balefire keys` and `balefire users`: who may."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from balefire.adapters.clock import SystemClock
from balefire.cli.screen import State, database_of, out, settings_for
from balefire.domain.access import Role, Scope
from balefire.domain.errors import BadInput, NotFound
from balefire.flows import access

keys = typer.Typer(no_args_is_help=True, help="Keys for programs.")
users = typer.Typer(no_args_is_help=True, help="People who sign in.")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="whose key it is")],
    scope: Annotated[list[Scope], typer.Option(help="frames, read, review, command, report, train, admin")],
    camera: Annotated[str | None, typer.Option(help="this camera only")] = None,
    state: State = None,
) -> None:
    """Create a key and print it, once."""
    text = access.create_key(database_of(settings_for(state)), SystemClock().now(), name, scope, camera)
    print(text)


@keys.command("list")
def list_keys(state: State = None) -> None:
    """Every key, without its secret."""
    with database_of(settings_for(state)).read() as work:
        found = work.people.keys()
    table = Table("id", "name", "scopes", "camera", "revoked")
    for key in found:
        table.add_row(key.id, key.name, " ".join(sorted(key.scopes)), key.camera or "all", "yes" if key.revoked_at else "")
    out.print(table)


@keys.command("revoke")
def revoke_key(key_id: str, state: State = None) -> None:
    """From the next request on the key opens nothing."""
    with database_of(settings_for(state)).begin() as work:
        work.people.revoke_key(key_id, SystemClock().now())


@users.command("add")
def add_user(
    name: str,
    role: Annotated[Role, typer.Option(help="viewer, operator, commander, engineer or admin")] = Role.OPERATOR,
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="12 or more")] = "",
    state: State = None,
) -> None:
    """Add a person who signs in with a password; it is asked for, not given on the command line."""
    from balefire.adapters.passwords import hash_password

    if len(password) < 12:
        raise BadInput("a password has at least 12 characters")
    access.add_user(database_of(settings_for(state)), SystemClock().now(), name, role, hash_password(password))


@users.command("link")
def sign_in_link(name: str, state: State = None) -> None:
    """Print an address that signs NAME in once, within 15 minutes."""
    settings = settings_for(state)
    database = database_of(settings)
    with database.read() as work:
        if work.people.user(name) is None:
            raise NotFound(f"no user {name}")
    token = access.one_time_link(database, SystemClock().now(), name)
    print(f"{settings.origin()}/sign-in/{token}")
