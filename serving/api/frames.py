"""Pictures in: the stateless detect route, and a camera's frames."""

from __future__ import annotations

import json
import math
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from balefire.domain.access import Principal, Scope
from balefire.domain.camera import Pose, Tiles, parse_position
from balefire.domain.errors import BadInput
from balefire.flows import wire
from balefire.flows.access import require_camera
from balefire.flows.watch import Incoming
from serving import metrics
from serving.api.wire import Needs, TheHouse, parse_time
from serving.house import House
from serving.typed_body import only_image

router = APIRouter(prefix="/v1", tags=["frames"])
Sender = Annotated[Principal, Depends(Needs(Scope.FRAMES))]
PICTURE = {"requestBody": {"required": True, "content": {
    kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png", "image/webp", "image/tiff")
}}}  # fmt: skip


@router.post("/detect", openapi_extra=PICTURE)
async def detect(
    request: Request,
    house: TheHouse,
    _: Sender,
    detectors: Annotated[str | None, Query(description="fire,waste; all by default")] = None,
    min_confidence: Annotated[float | None, Query(ge=0.01, le=1)] = None,
    tiles: Annotated[Tiles, Query(description="auto: pictures much larger than the model in tiles too")] = Tiles.OFF,
    accept: Annotated[str, Header()] = "*/*",
) -> Response:
    """What the detectors see in one picture; nothing is stored. `Accept: image/jpeg` answers it with the boxes drawn."""
    picture = await _picture(request, house.settings.byte_limit)
    names = detectors.split(",") if detectors else None
    drawn = "image/jpeg" in accept
    seen = await house.eye.detect(picture, names, min_confidence, draw=drawn, tiles=tiles)
    metrics.observe_stages(seen.timing_ms)
    if drawn:
        return Response(seen.stored, media_type="image/jpeg")
    body = {
        "frame": {"width": seen.width, "height": seen.height},
        "detections": [wire.detection(found) for found in seen.detections],
        "bundles": house.eye.bundles(),
        "timing_ms": {stage: round(value, 2) for stage, value in seen.timing_ms.items()},
    }
    return Response(json.dumps(body), media_type="application/json")


@router.post("/cameras/{camera}/frames", openapi_extra=PICTURE)
async def take_frame(
    camera: str,
    request: Request,
    house: TheHouse,
    principal: Sender,
    captured_at: Annotated[str | None, Header()] = None,
    frame_id: Annotated[str | None, Header()] = None,
    camera_preset: Annotated[str | None, Header(description="where a turning camera looks: events link within it")] = None,
    camera_azimuth: Annotated[
        str | None, Header(description="degrees from north: where a turning or flying camera looks")
    ] = None,
    camera_position: Annotated[str | None, Header(description="lon,lat or lon,lat,alt_m: where a flying camera is")] = None,
    camera_agent: Annotated[
        str | None,
        Header(description="who sends, another name after every start: two at once are told; left out with frames that waited"),
    ] = None,
) -> Response:
    """One frame of one camera. Idempotent by `Frame-Id`; answers only once the row is committed."""
    await _require(house, principal, camera)
    incoming = Incoming(
        camera=camera,
        picture=await _picture(request, house.settings.byte_limit),
        received_at=house.clock.now(),
        frame_id=frame_id,
        captured_at=parse_time(captured_at, "Captured-At"),
        preset=camera_preset,
        pose=_pose(camera_position, camera_azimuth),
        agent=camera_agent,
    )
    house.pace.take(camera)
    answer = await house.watch.take(incoming)
    metrics.count_frame(camera, answer, incoming.received_at)
    headers = {"Frame-Repeated": "true"} if answer.repeated else {}
    return Response(answer.body, media_type="application/json", headers=headers)


def _pose(position: str | None, azimuth: str | None) -> Pose | None:
    """Raises BadInput."""
    if position is None and azimuth is None:
        return None
    return Pose(parse_position(position) if position is not None else None, _degrees(azimuth) if azimuth is not None else None)


def _degrees(text: str) -> float:
    try:
        degrees = float(text)
    except ValueError:
        degrees = math.nan
    if not math.isfinite(degrees):
        raise BadInput(f"Camera-Azimuth is a number of degrees, got {text[:40]!r}")
    return degrees % 360 % 360  # of the smallest negative number the first remainder is 360 itself


async def _require(house: House, principal: Principal, camera: str) -> None:
    """Raises UnknownCamera. Only a narrowed key costs a query: whoever may post for all cameras waits for none."""

    def read() -> None:
        with house.database.read() as work:
            require_camera(work, principal, camera)

    if not principal.reach.everywhere:
        await house.in_thread(read)


async def _picture(request: Request, byte_limit: int) -> bytes:
    """The body itself, or the multipart field `image`. Raises BadInput."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await only_image(request, byte_limit)
    return await request.body()
