"""What runs: bundles, and the routes' description."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from balefire.domain.access import Principal, Scope
from balefire.domain.errors import NotFound
from serving.api.wire import Needs, TheHouse

router = APIRouter(tags=["operations"])
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")  # of a folder, never of one above
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]


@router.get("/v1/bundles")
async def bundles(house: TheHouse, _: Reader) -> dict[str, Any]:
    """The detectors that run, by name, version and checksum; in which runtime and precision, and why in these."""
    return {"items": house.eye.running(), "next": None}


@router.get("/v1/bundles/{bundle}/{version}/card")
async def bundle_card(bundle: str, version: str, house: TheHouse, _: Reader) -> Response:
    """What was measured of a released detector, and where it falls short: its card, as text."""

    def read() -> str:
        folder = house.settings.models / bundle / version
        if not NAME.fullmatch(bundle) or not NAME.fullmatch(version) or not (folder / "card.md").is_file():
            raise NotFound(f"no card of {bundle[:64]}@{version[:64]}")
        return (folder / "card.md").read_text(encoding="utf-8")

    return Response(await house.in_thread(read), media_type="text/plain; charset=utf-8")


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, _: Reader) -> dict[str, Any]:
    schema: dict[str, Any] = request.app.openapi()
    return schema
