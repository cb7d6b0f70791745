"""The BentoML service: `bentoml serve` in this checkout, or `balefire serve`."""

from __future__ import annotations

import os

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")  # before bentoml is imported: nobody is told about this machine

from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import bentoml
from bentoml.exceptions import BentoMLException
from bentoml.validators import ContentType

from balefire.domain.errors import BalefireError, StoreFull
from balefire.flows import wire
from serving.app import build_app
from serving.guard import Guard
from serving.house import House
from serving.preflight import checked_settings
from serving.problems import status_of

settings = checked_settings()
os.environ["FORWARDED_ALLOW_IPS"] = ",".join(settings.trusted_proxies)  # uvicorn's own default trusts this machine
application = build_app()


@bentoml.service(
    name="balefire",
    workers=1,  # one process: its threads share the queue, the sessions and the page cache
    http={"host": settings.host, "port": settings.port},
    ssl={"enabled": True, "certfile": str(settings.tls_certificate), "keyfile": str(settings.tls_key)}
    if settings.tls_certificate
    else {"enabled": False},
    traffic={"timeout": 60},
    tracing={"excluded_urls": "."},  # nobody exports them: spans would be made for every frame and thrown away
    logging={"access": {"enabled": False}},  # it would write addresses of people; the metrics count requests
)
@bentoml.asgi_app(application, path="/")
class Balefire:
    """Detects flame, smoke and waste in pictures; the HTTP API is mounted at `/`."""

    @bentoml.api  # type: ignore[untyped-decorator]
    async def detect(self, image: Annotated[Path, ContentType("image/*")]) -> dict[str, Any]:
        """What the detectors see in one picture, as `POST /v1/detect` answers it."""
        house: House = application.state.house
        try:
            seen = await house.eye.detect(image.read_bytes(), None, None)
        except BalefireError as error:
            raise _as_bentoml(error) from error
        return {
            "frame": {"width": seen.width, "height": seen.height},
            "detections": [wire.detection(found) for found in seen.detections],
            "bundles": house.eye.bundles(),
            "timing_ms": seen.timing_ms,
        }

    async def __is_ready__(self) -> bool:
        """Ready while a frame could be taken: detectors loaded, database answering, room in the frame store."""
        house: House | None = getattr(application.state, "house", None)
        if house is None:
            return False
        try:
            await house.in_thread(house.store.check_room)
        except StoreFull:
            return False
        return True


def _as_bentoml(error: BalefireError) -> BentoMLException:
    refused = BentoMLException(str(error))
    refused.error_code = HTTPStatus(status_of(error))
    return refused


Balefire.add_asgi_middleware(Guard, state=application.state)  # type: ignore[attr-defined]
