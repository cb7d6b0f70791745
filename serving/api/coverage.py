"""Are we really watching? Every camera's health at once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from balefire.domain.access import Principal, Scope
from balefire.flows import wire
from balefire.flows.health import state_of
from balefire.flows.ports import CameraPulse
from serving.api.wire import Needs, TheHouse

router = APIRouter(prefix="/v1/cameras", tags=["cameras"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]


@router.get("/health")
async def every_health(
    house: TheHouse, reader: Reader, after: str | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, Any]:
    """By camera, as `/v1/cameras/{camera_id}/health` says it. `next` is the cursor of the next page, null on the last."""

    def read() -> list[CameraPulse]:
        with house.database.read() as work:
            reached = {camera.id for camera in work.cameras.all(after, limit, reader.reach)}
            return [pulse for pulse in work.cameras.pulses() if pulse.camera in reached]

    found, now = await house.in_thread(read), house.clock.now()
    items = [wire.health(pulse, *state_of(pulse, now, house.settings.silent_s)) for pulse in found]
    return {"items": items, "next": found[-1].camera if len(found) == limit else None}
