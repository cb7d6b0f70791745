"""What runs: bundles, and the routes' description."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from balefire.domain.access import Principal, Scope
from serving.api.wire import Needs, TheHouse

router = APIRouter(tags=["operations"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]


@router.get("/v1/bundles")
async def bundles(house: TheHouse, _: Reader) -> dict[str, Any]:
    """The detectors that run, by name, version and checksum; in which runtime and precision, and why in these."""
    return {"items": house.eye.running(), "next": None}


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, _: Reader) -> dict[str, Any]:
    schema: dict[str, Any] = request.app.openapi()
    return schema
