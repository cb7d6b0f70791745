"""The newest picture of a camera, small: for a wall of many, and to see what it looks at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from balefire.domain.access import Principal, Scope
from balefire.domain.errors import UnknownFrame
from balefire.flows.access import require_camera
from balefire.flows.wire import time
from serving.api.wire import Needs, TheHouse

router = APIRouter(prefix="/v1/cameras", tags=["cameras"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]


@router.get("/{camera_id}/latest.jpg")
async def latest_picture(
    camera_id: str, house: TheHouse, reader: Reader, width: Annotated[int, Query(ge=64, le=1920)] = 320
) -> Response:
    """The newest picture that is kept; when it was taken stands in `Captured-At`. 404 where none is left."""

    def read() -> Response:
        from balefire.vision.thumbnail import thumbnail  # it loads cv2, which a start need not wait for

        with house.database.read() as work:
            require_camera(work, reader, camera_id)
            work.cameras.get(camera_id)
            frame = work.frames.newest_picture(camera_id)
        if frame is None or frame.picture is None:
            raise UnknownFrame(f"no picture of camera {camera_id} is kept")
        headers = {"Cache-Control": "private, max-age=30", "Captured-At": time(frame.captured_at) or ""}
        return Response(thumbnail(house.store.get(frame.picture), width), media_type="image/jpeg", headers=headers)

    return await house.in_thread(read)
