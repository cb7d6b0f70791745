"""`balefire export-reviews`: what operators decided, as a labelled set to train on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from balefire.cli.screen import Config, State, at_the_machine, database_of, out, settings_for
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadInput


def export_reviews(
    folder: Annotated[Path, typer.Argument(help="a new or empty folder")],
    hazard: Annotated[list[Hazard] | None, typer.Option(help="a class of the set; all by default")] = None,
    camera: Annotated[str | None, typer.Option(help="only this one's")] = None,
    since: Annotated[datetime | None, typer.Option(help="decided since then, UTC")] = None,
    state: State = None,
    config: Config = None,
) -> None:
    """Write the pictures of decided events to FOLDER with YOLO labels, for `python -m training.data import`.

    Boxes of real events count, corrected ones as they were corrected; false events are backgrounds; what is unsure, taken
    back or not decided is left out. `origin.jsonl` says where each picture comes from.
    """
    from balefire.adapters.clock import SystemClock
    from balefire.adapters.frames import open_frames
    from balefire.flows.audit import record_export
    from balefire.flows.feedback import Counts, Wanted, labelled_set

    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder}: not empty; give a new folder")
    settings = settings_for(state, config)
    database, counts = database_of(settings), Counts()
    store = open_frames(settings.frames(), reserve_bytes=settings.reserve_bytes, limit_bytes=settings.store_limit_bytes)
    wanted = Wanted(tuple(hazard or Hazard), camera, since.replace(tzinfo=UTC) if since else None)
    for path, data in labelled_set(database, store, wanted, counts):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    facts = {"hazards": list(wanted.hazards), "camera": camera, "pictures": counts.pictures}
    record_export(database, SystemClock().now(), at_the_machine(), "reviews", camera or "all", facts)
    out.print(
        f"{counts.pictures} pictures with {counts.boxes} boxes in {folder}, {counts.by_hand} corrected by people, "
        f"{counts.backgrounds} backgrounds; left out: {counts.unclear} with something undecided, {counts.gone} removed",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
