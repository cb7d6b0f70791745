"""`balefire cameras`: the fleet."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from balefire.adapters.clock import SystemClock
from balefire.cli.screen import State, database_of, out, settings_for
from balefire.domain.camera import Camera, Kind, Mount, Position
from balefire.domain.errors import BadInput
from balefire.flows.health import state_of
from balefire.vision.bundles import champion_folders

app = typer.Typer(no_args_is_help=True, help="The fleet.")


@app.command("add")
def add(
    camera_id: Annotated[str, typer.Argument(help="a slug: a–z, 0–9 and -")],
    name: Annotated[str, typer.Option(help="as people call it; the id by default")] = "",
    position: Annotated[str | None, typer.Option(help="lon,lat or lon,lat,alt_m (WGS84)")] = None,
    azimuth_deg: Annotated[float | None, typer.Option(min=0, max=360)] = None,
    fov_deg: Annotated[float | None, typer.Option(min=0, max=360)] = None,
    mount: Mount = Mount.FIXED,
    kind: Kind = Kind.VISIBLE,
    detectors: Annotated[str, typer.Option(help="fire,waste")] = "fire",
    state: State = None,
) -> None:
    """Add a camera."""
    settings = settings_for(state)
    names = tuple(detectors.split(","))
    champion_folders(settings.models, names)
    camera = Camera(
        camera_id, name or camera_id, position=_position(position), azimuth_deg=azimuth_deg, fov_deg=fov_deg,
        mount=mount, kind=kind, detectors=names,
    )  # fmt: skip
    with database_of(settings).begin() as work:
        work.cameras.add(camera)
    out.print(f"camera {camera.id} added", highlight=False)


@app.command("list")
def list_cameras(state: State = None) -> None:
    """Each camera and whether it is really watching."""
    settings = settings_for(state)
    with database_of(settings).read() as work:
        cameras, pulses = work.cameras.all(), {pulse.camera: pulse for pulse in work.cameras.pulses()}
    table = Table("camera", "name", "state", "since", "frames")
    now = SystemClock().now()
    for camera in cameras:
        pulse = pulses[camera.id]
        condition, reason, since = state_of(pulse, now, settings.silent_s)
        table.add_row(camera.id, camera.name, f"{condition} {reason}", f"{since:%F %T}" if since else "", str(pulse.frames))
    out.print(table)


def _position(text: str | None) -> Position | None:
    if text is None:
        return None
    try:
        return Position(*(float(part) for part in text.split(",")))
    except (TypeError, ValueError) as error:
        raise BadInput(f"a position is lon,lat or lon,lat,alt_m, got {text!r}") from error
