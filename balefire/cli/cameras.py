"""`balefire cameras`: the fleet."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from balefire.adapters.clock import SystemClock
from balefire.cli.screen import State, at_the_machine, database_of, out, settings_for
from balefire.domain.camera import Camera, Kind, Mount, Tiles, parse_position
from balefire.domain.errors import BadInput
from balefire.domain.fleet import read_csv, read_geojson, to_csv, to_geojson
from balefire.flows.audit import record_export
from balefire.flows.cameras import add_camera
from balefire.flows.fleet import import_fleet
from balefire.flows.health import state_of

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
    tiles: Annotated[Tiles, typer.Option(help="auto: look at frames much larger than the model in tiles too")] = Tiles.OFF,
    unit: Annotated[str | None, typer.Option(help="whose camera it is: the unit's code")] = None,
    state: State = None,
) -> None:
    """Add a camera."""
    from balefire.vision.bundles import champion_folders

    settings = settings_for(state)
    names = tuple(detectors.split(","))
    champion_folders(settings.models, names)
    camera = Camera(
        camera_id, name or camera_id, position=parse_position(position) if position else None,
        azimuth_deg=azimuth_deg, fov_deg=fov_deg,
        mount=mount, kind=kind, detectors=names, tiles=tiles, unit=unit,
    )  # fmt: skip
    add_camera(database_of(settings), SystemClock().now(), camera, lambda _: None, at_the_machine())
    out.print(f"camera {camera.id} added", highlight=False)


@app.command("list")
def list_cameras(state: State = None) -> None:
    """Each camera and whether it is really watching."""
    settings = settings_for(state)
    with database_of(settings).read() as work:
        cameras, pulses = work.cameras.all(), {pulse.camera: pulse for pulse in work.cameras.pulses()}
    table = Table("camera", "name", "state", "frames")
    for camera in cameras:
        pulse = pulses[camera.id]
        table.add_row(camera.id, camera.name, " ".join(pulse.faults) or state_of(pulse), str(pulse.frames))
    out.print(table)


@app.command()
def status(
    state: State = None,
    faulty: Annotated[bool, typer.Option("--faulty", help="only those with a fault; exit code 1 where there are any")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    server: Annotated[str | None, typer.Option(help="ask a service elsewhere: https://balefire.example.org")] = None,
    key: Annotated[str, typer.Option(envvar="BALEFIRE_KEY", help="with --server: a key with the scope read")] = "",
) -> None:
    """Is every camera really watching? State, since when, last new frame, frames a minute, clock, time blind today."""
    from balefire.cli.cameras_status import from_database, from_server, is_blind, status_table

    settings, now = settings_for(state), SystemClock().now()
    zone = ZoneInfo(settings.time_zone)
    known = from_server(server, key, faulty) if server else from_database(database_of(settings), now, zone, faulty)
    if as_json:
        print(json.dumps(known, ensure_ascii=False, indent=1))
    else:
        out.print(status_table(known, now, zone))
        watching = sum(not is_blind(one) and one["frames"] > 0 for one in known)
        out.print(f"{watching} of {len(known)} watch" if not faulty else f"{len(known)} with a fault", highlight=False)
    if faulty and known:
        raise typer.Exit(1)


@app.command("test")
def try_address(
    address: Annotated[str, typer.Argument(help="rtsp://, http:// (snapshot, MJPEG, HLS), a video file or a folder")],
    seconds: Annotated[float, typer.Option(min=3, max=120)] = 10.0,
    picture: Annotated[Path | None, typer.Option(help="where to write one picture")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """What a stream delivers, in ten seconds: size, codec, rate, key frames; and what is wrong with it. Exit code 1 then."""
    from balefire.camera.probe import probe
    from balefire.camera.redact import hide_arguments, secrets_of
    from balefire.camera.source import parse_source
    from balefire.cli.cameras_probe import report_json, report_table

    hide_arguments(secrets_of(address))
    report = asyncio.run(probe(parse_source(address), seconds))
    if picture and report.picture:
        picture.write_bytes(report.picture)
    if as_json:
        print(report_json(report))
    else:
        out.print(report_table(report))
        for fault in report.wrong or ("nothing is wrong with it",):
            out.print(f"  {fault}", style="red" if report.wrong else "green", markup=False, highlight=False, soft_wrap=True)
        if report.picture and not picture:
            out.print("  --picture FILE keeps one picture", style="dim", highlight=False)
    if report.wrong:
        raise typer.Exit(1)


@app.command("import")
def import_cameras(
    path: Annotated[Path, typer.Argument(help="cameras.csv or cameras.geojson; its first line names the columns")],
    state: State = None,
) -> None:
    """Add and change cameras by a table: all of it, or nothing and the lines that are wrong. Twice is as good as once."""
    from balefire.vision.bundles import champion_folders

    settings = settings_for(state)
    readers = {".csv": read_csv, ".geojson": read_geojson, ".json": read_geojson}
    if path.suffix.lower() not in readers:
        raise BadInput(f"{path}: a table of cameras is .csv or .geojson")
    try:
        rows = readers[path.suffix.lower()](path.read_text(encoding="utf-8"))
        released = set(champion_folders(settings.models, ()))
        done = import_fleet(
            database_of(settings),
            SystemClock().now(),
            rows,
            lambda camera: _check_detectors(camera, released),
            at_the_machine(),
        )
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from error
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    out.print(f"{done.added} added, {done.changed} changed, {done.same} as they were", highlight=False)


@app.command("export")
def export_cameras(
    path: Annotated[Path, typer.Argument(help="cameras.csv or cameras.geojson, written anew")],
    state: State = None,
) -> None:
    """Write the fleet as a table that import reads back."""
    writers = {".csv": to_csv, ".geojson": to_geojson, ".json": to_geojson}
    if path.suffix.lower() not in writers:
        raise BadInput(f"{path}: a table of cameras is .csv or .geojson")
    cameras: list[Camera] = []
    database = database_of(settings_for(state))
    with database.read() as work:
        while page := work.cameras.all(cameras[-1].id if cameras else None):
            cameras += page
    record_export(database, SystemClock().now(), at_the_machine(), "cameras", path.name, {"cameras": len(cameras)})
    partial = path.with_name(path.name + ".partial")
    partial.write_text(writers[path.suffix.lower()](cameras), encoding="utf-8")
    partial.replace(path)
    out.print(f"{len(cameras)} cameras in {path}", highlight=False)


def _check_detectors(camera: Camera, released: set[str]) -> None:
    unknown = sorted(set(camera.detectors) - released)
    if unknown:
        raise BadInput(f"camera {camera.id}: no detector {unknown[0]} is released; there are {', '.join(sorted(released))}")
