"""`balefire detect`: pictures in, boxes out, without a service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from balefire.cli.screen import complain, out
from balefire.domain.camera import Tiles
from balefire.domain.detection import Detection
from balefire.domain.errors import BadInput
from balefire.flows import wire
from balefire.settings import read_settings

if TYPE_CHECKING:
    from balefire.vision.detector import Detector


def detect(
    pictures: Annotated[list[Path], typer.Argument(help="JPEG, PNG, WebP or TIFF files")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="folder for the pictures with boxes drawn")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, one object a picture")] = False,
    bundle: Annotated[list[Path] | None, typer.Option(help="bundle folders; the champions by default")] = None,
    min_confidence: Annotated[float | None, typer.Option(min=0.01, max=1, help="instead of the bundle's thresholds")] = None,
    tiles: Annotated[Tiles, typer.Option(help="auto: look at pictures much larger than the model in tiles too")] = Tiles.OFF,
) -> None:
    """Show what the detectors see in PICTURES."""
    from balefire.vision.bundles import champion_folders
    from balefire.vision.detector import load_detector

    settings = read_settings()
    folders = bundle or list(champion_folders(settings.models, settings.detectors).values())
    detectors = [load_detector(folder, settings.runtime, threads=2) for folder in folders]
    table = Table("picture", "class", "confidence", "box", "bundle")
    refused = 0
    for path in pictures:
        try:
            found = _look(path, detectors, min_confidence, output, tiles)
        except BadInput as error:
            complain(BadInput(f"{path}: {error}"))
            refused += 1
            continue
        if as_json:
            out.print_json(json.dumps(_as_json(path, found)))
        for one in found:
            box = " ".join(f"{value:.3f}" for value in one.box.xyxy)
            table.add_row(str(path), one.class_name, f"{one.confidence:.2f}", box, one.bundle)
        if not found:
            table.add_row(str(path), "nothing", "", "", "")
    if not as_json:
        out.print(table)
    if refused:
        raise typer.Exit(2)


def _look(
    path: Path, detectors: list[Detector], min_confidence: float | None, output: Path | None, tiles: Tiles
) -> list[Detection]:
    from balefire.vision.draw import draw_jpeg
    from balefire.vision.headers import read_header
    from balefire.vision.image import decode

    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(error.strerror or str(error)) from error
    header = read_header(data)
    rgb = decode(data, header)
    tiled = (header.width, header.height) if tiles is Tiles.AUTO else None
    found = [one for detector in detectors for one in detector.look(rgb, min_confidence, tiled)]
    if output:
        output.mkdir(parents=True, exist_ok=True)
        (output / f"{path.stem}.jpg").write_bytes(draw_jpeg(rgb, found))
    return found


def _as_json(path: Path, found: list[Detection]) -> dict[str, Any]:
    return {"picture": str(path), "detections": [wire.detection(one) for one in found]}
