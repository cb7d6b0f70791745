"""`balefire audit`: what people and programs did, and whether the log is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from balefire.cli.screen import State, complain, database_of, out, settings_for
from balefire.domain.audit import Head
from balefire.domain.errors import BadInput, BalefireError
from balefire.flows import audit

app = typer.Typer(no_args_is_help=True, help="The log of what people and programs did.")


@app.command("verify")
def verify(
    noted: Annotated[str, typer.Option(help="NUMBER:SHA256 as an earlier verify printed it, kept on another machine")] = "",
    state: State = None,
) -> None:
    """Check every entry against the one before; name what was changed, removed or inserted, and end with 1."""
    head, faults = audit.verify(database_of(settings_for(state)), _head(noted) if noted else None)
    for fault in faults:
        complain(BalefireError(fault))
    if faults:
        raise typer.Exit(1)
    out.print(f"{head.number} entries, whole. Note elsewhere: {head.number}:{head.sha256}", highlight=False, soft_wrap=True)


@app.command("list")
def list_entries(
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    what: Annotated[str | None, typer.Option(help="camera.change, sign_in, event.review, …")] = None,
    state: State = None,
) -> None:
    """The newest entries, newest first, one a line: number, time (UTC), who, what, subject, before → after."""
    with database_of(settings_for(state)).read() as work:
        found = work.audit.page(limit=limit, what=what)
    for entry in found:
        act = entry.act
        facts = " → ".join(text for text in (act.before, act.after) if text)
        line = f"{entry.number}  {act.at:%F %T}  {act.who}  {act.what}  {act.subject}  {facts}"
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _head(text: str) -> Head:
    number, _, sha256 = text.partition(":")
    if not number.isdigit() or len(sha256) != 64:
        raise BadInput(f"a noted head is NUMBER:SHA256, got {text[:80]!r}")
    return Head(int(number), sha256)
