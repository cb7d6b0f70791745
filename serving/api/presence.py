"""Who else looks at an event: the page says every ten seconds that it has it open, and is told who has it open too."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from balefire.domain.access import Principal, Scope
from balefire.flows import presence, wire
from serving.api.wire import Needs, TheHouse

router = APIRouter(prefix="/v1/events", tags=["events"])
Reviewer = Annotated[Principal, Depends(Needs(Scope.REVIEW))]
Seat = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,36}$", description="an id that the page chose for itself")]


@router.put("/{event_id}/presence/{seat}")
async def look(event_id: str, seat: Seat, house: TheHouse, reviewer: Reviewer) -> dict[str, Any]:
    """I look at this. `others`: who does too, first come first. Forgotten after 30 s; not an act, so not in the audit log."""
    others = await house.in_thread(presence.look, house.database, house.clock.now(), event_id, seat, reviewer)
    return {"others": [{"name": one.name, "since": wire.time(one.since)} for one in others]}


@router.delete("/{event_id}/presence/{seat}", status_code=204)
async def leave(event_id: str, seat: Seat, house: TheHouse, reviewer: Reviewer) -> None:
    """I look at it no more."""
    await house.in_thread(presence.leave, house.database, event_id, seat, reviewer)
