"""The fleet: cameras and how they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from balefire.domain.access import Principal, Scope
from balefire.domain.camera import Camera
from balefire.flows import wire
from balefire.flows.access import reaches, require_camera
from balefire.flows.health import state_of
from balefire.flows.ports import CameraPulse
from serving.api.wire import CameraBody, CameraPatch, Needs, TheHouse
from serving.house import House

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
            return work.cameras.all(after, limit)

    found = await house.in_thread(read)
    items = [wire.camera(camera) for camera in found if reaches(reader, camera.id)]
    return {"items": items, "next": found[-1].id if len(found) == limit else None}


@router.post("", status_code=201)
async def add_camera(body: CameraBody, house: TheHouse, _: Admin) -> dict[str, Any]:
    """409 where the id is taken."""
    camera = body.camera()
    house.eye.detectors_of(camera)

    def write() -> None:
        with house.database.begin() as work:
            work.cameras.add(camera)

    await house.in_thread(write)
    return wire.camera(camera)


@router.get("/{camera_id}")
async def get_camera(camera_id: str, house: TheHouse, reader: Reader) -> dict[str, Any]:
    require_camera(reader, camera_id)

    def read() -> Camera:
        with house.database.read() as work:
            return work.cameras.get(camera_id)

    return wire.camera(await house.in_thread(read))


@router.patch("/{camera_id}")
async def change_camera(camera_id: str, body: CameraPatch, house: TheHouse, _: Admin) -> dict[str, Any]:
    """Change what is sent, leave the rest."""
    values = body.values()

    def write() -> Camera:
        with house.database.begin() as work:
            camera = replace(work.cameras.get(camera_id), **values)  # type: ignore[arg-type]
            house.eye.detectors_of(camera)
            work.cameras.save(camera)
            return camera

    return wire.camera(await house.in_thread(write))


@router.get("/{camera_id}/health")
async def camera_health(camera_id: str, house: TheHouse, reader: Reader) -> dict[str, Any]:
    """Is it really watching? State, reason, since; last frame, last new picture, clock skew."""
    require_camera(reader, camera_id)

    def read() -> CameraPulse:
        with house.database.read() as work:
            return work.cameras.pulse(camera_id)

    return _health(house, await house.in_thread(read))


def _health(house: House, pulse: CameraPulse) -> dict[str, Any]:
    return wire.health(pulse, *state_of(pulse, house.clock.now(), house.settings.silent_s))
