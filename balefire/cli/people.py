"""`balefire keys` and `balefire users`: who may."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from balefire.adapters.clock import SystemClock
from balefire.cli.screen import State, at_the_machine, database_of, out, settings_for
from balefire.domain.access import Role, Scope
from balefire.domain.errors import BadInput
from balefire.flows import access, people

keys = typer.Typer(no_args_is_help=True, help="Keys for programs.")
users = typer.Typer(no_args_is_help=True, help="People who sign in.")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="whose key it is")],
    scope: Annotated[list[Scope], typer.Option(help="frames, read, review, command, report, train, admin")],
    camera: Annotated[str | None, typer.Option(help="this camera only")] = None,
    unit: Annotated[str | None, typer.Option(help="this unit and all below it: its code")] = None,
    state: State = None,
) -> None:
    """Create a key and print it, once."""
    text = people.create_key(database_of(settings_for(state)), SystemClock().now(), name, scope, camera, unit, at_the_machine())
    print(text)


@keys.command("list")
def list_keys(state: State = None) -> None:
    """Every key, without its secret."""
    with database_of(settings_for(state)).read() as work:
        found, units = work.people.keys(), {unit.id: unit.name for unit in work.units.page()}
    table = Table("id", "name", "scopes", "camera", "unit", "revoked")
    for key in found:
        unit = units.get(key.unit, key.unit) if key.unit else "all"
        scopes = " ".join(sorted(key.scopes))
        table.add_row(key.id, key.name, scopes, key.camera or "all", unit, "yes" if key.revoked_at else "")
    out.print(table)


@keys.command("revoke")
def revoke_key(key_id: str, state: State = None) -> None:
    """From the next request on the key opens nothing."""
    people.revoke_key(database_of(settings_for(state)), SystemClock().now(), key_id, at_the_machine())


@users.command("add")
def add_user(
    name: str,
    role: Annotated[Role, typer.Option(help="viewer, operator, commander, engineer or admin")] = Role.OPERATOR,
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="12 or more")] = "",
    unit: Annotated[str | None, typer.Option(help="sees this unit and all below it only: its code")] = None,
    state: State = None,
) -> None:
    """Add a person who signs in with a password; it is asked for, not given on the command line."""
    from balefire.adapters.passwords import hash_password

    _check(password)
    database, now = database_of(settings_for(state)), SystemClock().now()
    people.add_user(database, now, name, role, hash_password(password), unit, at_the_machine())


@users.command("list")
def list_users(state: State = None) -> None:
    """Everybody who signs in, and which part they see."""
    with database_of(settings_for(state)).read() as work:
        found, units = work.people.users(), {unit.id: unit.name for unit in work.units.page()}
    table = Table("name", "role", "unit", "disabled")
    for user in found:
        unit = units.get(user.unit, user.unit) if user.unit else "the whole house"
        table.add_row(user.name, user.role, unit, f"{user.disabled_at:%F %T}" if user.disabled_at else "")
    out.print(table)


@users.command("change")
def change_user(
    name: str,
    role: Annotated[Role | None, typer.Option(help="from now on")] = None,
    unit: Annotated[str | None, typer.Option(help="sees this unit and all below it only: its code")] = None,
    whole_house: Annotated[bool, typer.Option("--whole-house", help="sees everything")] = False,
    disabled: Annotated[bool | None, typer.Option("--disable/--enable", help="may not sign in; every session ends")] = None,
    new_password: Annotated[bool, typer.Option("--new-password", help="asks for it; every session ends")] = False,
    state: State = None,
) -> None:
    """Change what is said; leave the rest."""
    from balefire.adapters.passwords import hash_password

    digest = None
    if new_password:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        _check(password)
        digest = hash_password(password)
    people.change_user(
        database_of(settings_for(state)), SystemClock().now(), name, at_the_machine(), role=role, unit=unit,
        whole_house=whole_house, password_hash=digest, disabled=disabled,
    )  # fmt: skip


@users.command("link")
def sign_in_link(name: str, state: State = None) -> None:
    """Print an address that signs NAME in once, within 15 minutes."""
    settings = settings_for(state)
    database = database_of(settings)
    token = access.one_time_link(database, SystemClock().now(), name, at_the_machine())
    print(f"{settings.origin()}/sign-in/{token}")


def _check(password: str) -> None:
    if len(password) < 12:
        raise BadInput("a password has at least 12 characters")
