"""The pages that look at the whole fleet: is it watching, and where does it stand. Their scripts read the HTTP API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from balefire.domain.access import Principal, Scope
from serving.api.wire import Needs
from serving.console.render import page

router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]


@router.get("/coverage")
async def coverage(request: Request, reader: Reader) -> Response:
    """Are we really watching? A wall of every camera, the worst first."""
    may_review, may_command = reader.may(Scope.REVIEW), reader.may(Scope.COMMAND)
    return await page(
        request, "coverage.html", script="src/coverage.ts", reader=reader, may_review=may_review, may_command=may_command
    )


@router.get("/map")
async def fleet_map(request: Request, reader: Reader) -> Response:
    """Cameras with where they look, open events with their bearing, the city's own layers; no internet needed."""
    return await page(request, "map.html", script="src/map.ts", reader=reader)
