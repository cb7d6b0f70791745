"""The fleet: cameras and how they are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from balefire.domain.access import Principal, Scope
from balefire.domain.camera import Camera
from balefire.flows import cameras, wire
from balefire.flows.access import require_camera
from serving.api.wire import CameraBody, CameraPatch, Needs, TheHouse

router = APIRouter(prefix="/v1/cameras", tags=["cameras"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Admin = Annotated[Principal, Depends(Needs(Scope.ADMIN))]


@router.get("")
async def list_cameras(
    house: TheHouse, reader: Reader, after: str | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, Any]:
    """By id. `next` is the cursor of the next page, null on the last."""

    def read() -> list[Camera]:
        with house.database.read() as work:
            return work.cameras.all(after, limit, reader.reach)

    found = await house.in_thread(read)
    items = [wire.camera(camera) for camera in found]
    return {"items": items, "next": found[-1].id if len(found) == limit else None}


@router.post("", status_code=201)
async def add_camera(body: CameraBody, house: TheHouse, admin: Admin) -> dict[str, Any]:
    """409 where the id is taken. `unit`: an id or a code; without it, the administrator's own."""
    now, check = house.clock.now(), house.eye.detectors_of
    return wire.camera(await house.in_thread(cameras.add_camera, house.database, now, body.camera(), check, admin))


@router.get("/{camera_id}")
async def get_camera(camera_id: str, house: TheHouse, reader: Reader) -> dict[str, Any]:
    def read() -> Camera:
        with house.database.read() as work:
            require_camera(work, reader, camera_id)
            return work.cameras.get(camera_id)

    return wire.camera(await house.in_thread(read))


@router.patch("/{camera_id}")
async def change_camera(camera_id: str, body: CameraPatch, house: TheHouse, admin: Admin) -> dict[str, Any]:
    """Change what is sent, leave the rest."""
    now, check = house.clock.now(), house.eye.detectors_of
    return wire.camera(
        await house.in_thread(cameras.change_camera, house.database, now, camera_id, body.values(), check, admin)
    )
