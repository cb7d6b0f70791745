"""`balefire tune`: measure this machine for the detectors that run here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from balefire.cli.screen import Config, State, out, settings_for

if TYPE_CHECKING:
    from balefire.vision.plan import Plan
    from balefire.vision.tuning import Measured


def tune(
    state: State = None,
    config: Config = None,
    bundle: Annotated[list[Path] | None, typer.Option(help="bundle folders; the detectors of the settings by default")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="turns of each way to run; the best counts")] = 5,
    seconds: Annotated[float, typer.Option(min=0.05, help="length of one turn")] = 0.6,
    gently: Annotated[bool, typer.Option("--gently", help="at the lowest priority, beside a running service")] = False,
) -> None:
    """Measure runtimes, precisions, workers and threads; keep the result in the state folder, where the service finds it."""
    from balefire.vision.bundles import champion_folders, read_bundle
    from balefire.vision.plan import Wish
    from balefire.vision.plan_store import keep, plans_for
    from balefire.vision.processor import processor
    from balefire.vision.tuning import tune as measure

    if gently:
        os.nice(19)
    settings = settings_for(state, config)
    named = [(read_bundle(folder).name, folder) for folder in bundle or []]
    folders = dict(named) or champion_folders(settings.models, settings.detectors)
    out.print(f"measuring on {processor()}", highlight=False)
    measured: dict[str, list[Measured]] = {}
    for name, folder in folders.items():
        measured[name] = measure(folder, rounds, seconds)
        keep(settings.state, read_bundle(folder), measured[name])
    plans = plans_for(settings.state, folders, Wish(settings.runtime, settings.precision, settings.workers))
    for name, rows in measured.items():
        out.print(_table(name, rows, plans[name]))
        for refusal in dict.fromkeys(f"{row.runtime} {row.precision}: {row.refused}" for row in rows if row.refused):
            out.print(f"refused {refusal}", highlight=False, soft_wrap=True)
        out.print(f"{name}: {plans[name].reason}", highlight=False, soft_wrap=True)


def _table(name: str, rows: list[Measured], plan: Plan) -> Table:
    table = Table("runtime", "precision", "workers x threads", "frames/s", "golden", "", title=name)
    for row in rows:
        way = (row.runtime, row.precision, f"{row.workers} x {row.threads}")
        if row.refused:
            table.add_row(*way, "", "", "refused")
            continue
        taken = way == (plan.runtime, plan.precision, f"{plan.workers} x {plan.threads}")
        table.add_row(*way, f"{row.frames_per_second:.1f}", f"{row.matched:.0%}", "taken" if taken else "")
    return table
