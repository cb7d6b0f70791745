"""What runs: bundles, counts, and the documentation page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from balefire.domain.access import Principal, Scope
from serving.api.wire import Needs, TheHouse
from serving.console.pages import STATIC

router = APIRouter(tags=["operations"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]


@router.get("/v1/bundles")
async def bundles(house: TheHouse, _: Reader) -> dict[str, Any]:
    """The detectors that run, by name, version and checksum."""
    return {"items": house.eye.bundles(), "next": None}


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, _: Reader) -> dict[str, Any]:
    schema: dict[str, Any] = request.app.openapi()
    return schema


@router.get("/docs", include_in_schema=False)
async def docs(_: Reader) -> Response:
    """The routes, in a page that loads nothing from elsewhere."""
    return FileResponse(STATIC / "docs.html", media_type="text/html")
