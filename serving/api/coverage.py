"""Are we really watching? How each camera is, and was today."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from balefire.domain.access import Principal, Scope
from balefire.flows import health
from balefire.flows.access import require_camera
from balefire.flows.health import CameraHealth
from serving.api.wire import Needs, TheHouse, parse_time
from serving.house import House

router = APIRouter(prefix="/v1/cameras", tags=["cameras"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Reviewer = Annotated[Principal, Depends(Needs(Scope.REVIEW))]


@router.get("/health")
async def every_health(
    house: TheHouse,
    reader: Reader,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    faulty: bool = False,
) -> dict[str, Any]:
    """By camera, as `/v1/cameras/{camera_id}/health` says it; `faulty`: only those with a fault that holds.

    `next` is the cursor of the next page, null on the last.
    """
    since, now = _today(house)

    def read() -> list[CameraHealth]:
        with house.database.read() as work:
            return health.healths(work, work.cameras.pulses(after, limit, reader.reach, faulty=faulty or None), since, now)

    found = await house.in_thread(read)
    items = [health.body(one, since, now) for one in found]
    return {"items": items, "next": found[-1].pulse.camera if len(found) == limit else None}


@router.get("/{camera_id}/health")
async def camera_health(camera_id: str, house: TheHouse, reader: Reader, at: str | None = None) -> dict[str, Any]:
    """Is it really watching? `state`: waiting (never sent), ok, or the worst of `faults`, which hold now, or held `at`.

    `spans`: faults of the city's day so far, or of the moment `at`; `blind_today_s`: seconds of it without a watch.
    """
    moment = parse_time(at, "at")
    since, until = (moment, moment) if moment else _today(house)

    def read() -> CameraHealth:
        with house.database.read() as work:
            require_camera(work, reader, camera_id)
            return health.healths(work, [work.cameras.pulse(camera_id)], since, until)[0]

    return health.body(await house.in_thread(read), since, until)


@router.post("/{camera_id}/view")
async def accept_view(camera_id: str, house: TheHouse, reviewer: Reviewer) -> dict[str, Any]:
    """What the camera shows now is how it should be: it was turned or cleaned on purpose. Its view is learnt anew.

    Answers its health, as it is then.
    """
    await house.in_thread(health.accept_view, house.database, house.clock.now(), camera_id, reviewer)
    return await camera_health(camera_id, house, reviewer)


def _today(house: House) -> tuple[datetime, datetime]:
    """Since when the city's day runs, and now."""
    now = house.clock.now()
    return now.astimezone(ZoneInfo(house.settings.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0), now
