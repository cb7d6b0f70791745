"""The tree of units: whoever has one sees it and all below."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from balefire.domain.access import Principal, Scope
from balefire.domain.units import Unit
from balefire.flows import units, wire
from serving.api.wire import Needs, TheHouse, UnitBody, UnitPatch

router = APIRouter(prefix="/v1/units", tags=["units"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Admin = Annotated[Principal, Depends(Needs(Scope.ADMIN))]


@router.get("")
async def list_units(
    house: TheHouse, reader: Reader, after: str | None = None, limit: Annotated[int, Query(ge=1, le=2000)] = 200
) -> dict[str, Any]:
    """By code. `next` is the cursor of the next page, null on the last."""

    def read() -> list[Unit]:
        with house.database.read() as work:
            return work.units.page(reader.reach, after, limit)

    found = await house.in_thread(read)
    return {"items": [wire.unit(unit) for unit in found], "next": found[-1].code if len(found) == limit else None}


@router.post("", status_code=201)
async def add_unit(body: UnitBody, house: TheHouse, admin: Admin) -> dict[str, Any]:
    """409 where the code is taken. `parent`: an id or a code; only a hub has none."""
    now = house.clock.now()
    return wire.unit(
        await house.in_thread(units.add_unit, house.database, now, body.code, body.name, body.kind, body.parent, admin)
    )


@router.get("/{unit}")
async def get_unit(unit: str, house: TheHouse, reader: Reader) -> dict[str, Any]:
    """By id or by code."""

    def read() -> Unit:
        with house.database.read() as work:
            return work.units.get(unit, reader.reach)

    return wire.unit(await house.in_thread(read))


@router.patch("/{unit}")
async def change_unit(unit: str, body: UnitPatch, house: TheHouse, admin: Admin) -> dict[str, Any]:
    """Change what is sent. A new `parent` moves the unit with all below it; a loop is refused."""
    changed = await house.in_thread(
        units.change_unit, house.database, house.clock.now(), unit, admin, name=body.name, kind=body.kind, parent=body.parent
    )
    return wire.unit(changed)
