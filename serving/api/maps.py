"""What a map needs: cameras as GeoJSON, the city's own layers, and the basemap, all from this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse

from balefire.domain.access import Principal, Scope
from balefire.domain.errors import NotFound
from balefire.domain.fleet import to_geojson
from balefire.flows.cameras import every_camera
from serving.api.wire import Needs, TheHouse
from serving.house import House

router = APIRouter(prefix="/v1", tags=["maps"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
GEOJSON = "application/geo+json"
BASEMAP = "basemap.pmtiles"


@router.get("/cameras.geojson")
async def cameras(house: TheHouse, reader: Reader) -> Response:
    """RFC 7946, WGS84, lon lat; a camera without a position has a null geometry."""
    found = await house.in_thread(every_camera, house.database, reader.reach)
    return Response(to_geojson(found), media_type=GEOJSON)


@router.get("/layers")
async def layers(house: TheHouse, _: Reader) -> dict[str, Any]:
    """The layers in the state folder, `layers/*.geojson`; and whether there is a basemap, `basemap.pmtiles`."""
    found = await house.in_thread(_layers, house)
    items = [{"name": name, "href": f"/v1/layers/{name}.geojson"} for name in sorted(found)]
    return {"items": items, "next": None, "basemap": _basemap(house).is_file()}


@router.get("/layers/{layer}.geojson")
async def layer(layer: str, house: TheHouse, _: Reader) -> Response:
    found = await house.in_thread(_layers, house)
    if layer not in found:
        raise NotFound(f"no layer {layer}")
    return FileResponse(found[layer], media_type=GEOJSON)


@router.get("/basemap.pmtiles")
async def basemap(house: TheHouse, _: Reader) -> Response:
    """Read in ranges, tile by tile."""
    if not _basemap(house).is_file():
        raise NotFound(f"no {BASEMAP} in the state folder")
    return FileResponse(
        _basemap(house), media_type="application/vnd.pmtiles", headers={"Cache-Control": "private, max-age=3600"}
    )


def _layers(house: House) -> dict[str, Path]:
    """By name: only what lies in that folder can be asked for."""
    return {path.stem: path for path in (house.settings.state / "layers").glob("*.geojson") if path.is_file()}


def _basemap(house: House) -> Path:
    return house.settings.state / BASEMAP
