"""`balefire notifications`: what was told to the outside, and telling it again."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from balefire.adapters.clock import SystemClock
from balefire.cli.screen import Config, State, database_of, out, settings_for
from balefire.domain.notification import DispatchState, Notification

app = typer.Typer(no_args_is_help=True, help="What was told to the outside.")


@app.command("list")
def list_notifications(
    only: Annotated[DispatchState | None, typer.Option("--only", help="pending, delivered or failed")] = None,
    channel: Annotated[str | None, typer.Option(help="webhook:NAME or mqtt")] = None,
    before: Annotated[int | None, typer.Option(help="older than this number")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    state: State = None,
    config: Config = None,
) -> None:
    """Newest first, a line each: number, channel, type and subject, how it stands, and what went wrong last."""
    with database_of(settings_for(state, config)).read() as work:
        found = work.outbox.page(only, channel, before, limit)
    for one in found:
        print(_line(one))


@app.command("replay")
def replay(
    number: Annotated[int, typer.Argument(help="as the list says it")],
    state: State = None,
    config: Config = None,
) -> None:
    """Tell it again, with the same Balefire-Event-Id; the running service sends it within a second."""
    settings = settings_for(state, config)
    with database_of(settings).begin() as work:
        known: Notification = work.outbox.replay(number, SystemClock().now())
    out.print(f"notification {number} to {known.channel} was {known.state}; it is due now", highlight=False)
    if known.channel not in settings.notify.channels():
        out.print(f"no setting names {known.channel} here: it goes out when the service knows that channel", highlight=False)


def _line(one: Notification) -> str:
    what = json.loads(one.body).get("type", "")
    ended = one.finished_at is not None
    when = f"{one.finished_at:%F %T}" if ended else f"next {one.due_at:%F %T}"
    tries = f"{one.attempts} {'try' if one.attempts == 1 else 'tries'}"
    return "  ".join(part for part in (str(one.id), one.channel, f"{what} {one.kind} {one.subject}", one.state.value, when,
                                       tries, one.last_error) if part)  # fmt: skip
