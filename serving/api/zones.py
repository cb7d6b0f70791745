"""Ignore zones: where something is always there. The picture is kept; nothing is raised there, growth beyond it is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from balefire.domain.access import Principal, Scope
from balefire.domain.zone import ZoneState
from balefire.flows import wire, zones
from serving.api.wire import Needs, RenewalBody, TheHouse, ZoneBody

router = APIRouter(prefix="/v1", tags=["zones"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Reviewer = Annotated[Principal, Depends(Needs(Scope.REVIEW))]
Commander = Annotated[Principal, Depends(Needs(Scope.COMMAND))]


@router.get("/zones")
async def list_zones(
    house: TheHouse,
    reader: Reader,
    state: Annotated[list[ZoneState] | None, Query()] = None,
    camera: str | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    """Oldest first. `state`: `trial` holds for a day and waits to be confirmed, `active` holds, `expired` waits for a decision.

    `next` is the cursor of the next page, null on the last; `waiting`: how many wait for a decision, on all pages.
    """
    now = house.clock.now()

    def read() -> tuple[list[zones.Placed], int]:
        with house.database.read() as work:
            return zones.listed(work, now, reader.reach, state or (), camera), zones.waiting(work, now, reader.reach)

    placed, waiting = await house.in_thread(read)
    found = [one for one in placed if after is None or one.zone.id > after]
    items = [wire.zone_of(one.zone, one.camera, now) for one in found[:limit]]
    return {"items": items, "next": items[-1]["id"] if len(found) > limit else None, "waiting": waiting}


@router.post("/events/{event_id}/zone", status_code=201)
async def draw_zone(event_id: str, body: ZoneBody, house: TheHouse, reviewer: Reviewer) -> dict[str, Any]:
    """ "Always here": ignore what this event saw, in this part of its camera's view, until an end at most 365 days away.

    It holds at once: until its end where the owner has `command`, else for a day, unless somebody who has renews it.
    """
    now = house.clock.now()
    drawn = await house.in_thread(
        zones.draw, house.database, now, event_id, body.shape(), body.end(), body.reason, reviewer, body.every_hazard
    )
    return wire.zone_of(drawn.zone, drawn.camera, now)


@router.post("/zones/{zone_id}/renew")
async def renew_zone(zone_id: str, body: RenewalBody, house: TheHouse, commander: Commander) -> dict[str, Any]:
    """It holds until then, again or still; one on trial is confirmed by this."""
    now = house.clock.now()
    renewed = await house.in_thread(zones.renew, house.database, now, zone_id, body.end(), commander)
    return wire.zone_of(renewed.zone, renewed.camera, now)


@router.delete("/zones/{zone_id}", status_code=204)
async def let_zone_go(zone_id: str, house: TheHouse, reviewer: Reviewer) -> None:
    """What is there raises again. Whoever may decide on events may do this: seeing more needs no permission."""
    await house.in_thread(zones.let_go, house.database, house.clock.now(), zone_id, reviewer)
