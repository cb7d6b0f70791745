"""Drills: while one runs, every page and message says so."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from balefire.domain.access import Principal, Scope
from balefire.domain.drill import Drill
from balefire.flows import drill, wire
from serving.api.wire import DrillBody, Needs, TheHouse

router = APIRouter(prefix="/v1/drill", tags=["drill"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Admin = Annotated[Principal, Depends(Needs(Scope.ADMIN))]


@router.get("")
async def current_drill(house: TheHouse, _: Reader) -> dict[str, Any]:
    """`drill`: the one that runs, or null."""

    def read() -> Drill | None:
        with house.database.read() as work:
            return drill.current(work)

    running = await house.in_thread(read)
    return {"drill": wire.drill(running) if running else None}


@router.post("", status_code=201)
async def start_drill(body: DrillBody, house: TheHouse, admin: Admin) -> dict[str, Any]:
    """409 while another one runs."""
    return wire.drill(await house.in_thread(drill.start, house.database, house.clock.now(), body.name, admin))


@router.delete("", status_code=204)
async def end_drill(house: TheHouse, admin: Admin) -> None:
    """404 where none runs."""
    await house.in_thread(drill.end, house.database, house.clock.now(), admin)
