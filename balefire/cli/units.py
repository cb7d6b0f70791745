"""`balefire units`: the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text
from rich.tree import Tree

from balefire.adapters.clock import SystemClock
from balefire.cli.screen import State, at_the_machine, database_of, out, settings_for
from balefire.domain.errors import BadInput
from balefire.domain.unit_table import READERS
from balefire.domain.units import in_tree_order
from balefire.flows.units import import_units

app = typer.Typer(no_args_is_help=True, help="The tree of units: hub, districts, townships, agencies.")


@app.command("import")
def import_tree(
    path: Annotated[Path, typer.Argument(help="units.csv, .toml or .json: code, name, kind, parent (the parent's code)")],
    state: State = None,
) -> None:
    """Add and change units by a table: all of it, or nothing and the lines that are wrong. Twice is as good as once."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path}: a table of units is .csv, .toml or .json")
    try:
        rows = reader(path.read_text(encoding="utf-8"))
        done = import_units(database_of(settings_for(state)), SystemClock().now(), rows, at_the_machine())
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from error
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    out.print(f"{done.added} added, {done.changed} changed, {done.same} as they were", highlight=False)


@app.command("list")
def list_tree(state: State = None) -> None:
    """The tree: name, code, kind, and how many cameras are each unit's own."""
    with database_of(settings_for(state)).read() as work:
        units, cameras = work.units.page(), work.units.camera_counts()
    if not units:
        out.print("no units")
        return
    branches = {-1: Tree("", hide_root=True)}
    for depth, unit in in_tree_order(units):
        label = Text.assemble(unit.name, (f"  {unit.code} · {unit.kind}", "dim"))
        if count := cameras.get(unit.id):
            label.append(f" · {count} camera{'s' if count > 1 else ''}")
        branches[depth] = branches[depth - 1].add(label)
    out.print(branches[-1])
