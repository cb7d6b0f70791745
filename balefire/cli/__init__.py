"""The command line: parse, call, print. One module a group of commands.

Commands import what they need when they run, so that `balefire --help` and the start of the service wait for nothing.
"""

from __future__ import annotations

import sys

import typer

from balefire.cli import (
    audit,
    bench,
    cameras,
    detect,
    drill,
    feedback,
    notifications,
    people,
    replay,
    serve,
    tune,
    units,
    watch,
    why,
)
from balefire.cli.screen import complain
from balefire.domain.errors import BalefireError

app = typer.Typer(
    name="balefire",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Cameras that find flames, smoke and construction waste.",
)
app.command("detect")(detect.detect)
app.command("tune")(tune.tune)
OPEN = {"allow_extra_args": True, "ignore_unknown_options": True}  # what comes behind goes to the bench as it is
app.command("bench", context_settings=OPEN, add_help_option=False)(bench.bench)
app.command("serve")(serve.serve)
app.command("watch")(watch.watch)
app.command("why")(why.why)
app.command("replay")(replay.replay)
app.command("purge")(serve.purge)
app.command("export-reviews")(feedback.export_reviews)
app.add_typer(cameras.app, name="cameras")
app.add_typer(units.app, name="units")
app.add_typer(notifications.app, name="notifications")
app.add_typer(people.keys, name="keys")
app.add_typer(people.users, name="users")
app.add_typer(audit.app, name="audit")
app.add_typer(drill.app, name="drill")


def main() -> None:
    """Facts that were raised on purpose are one line; anything else is a fault of ours and shows itself."""
    try:
        app()
    except BalefireError as error:
        complain(error)
        sys.exit(2)
