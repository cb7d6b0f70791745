"""Fires that a real service raises by itself, from pictures that are posted to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from tests.serving import pictures
from tests.serving.service import Service

FRAMES = 8


def burn_on(client: httpx.Client, camera: str, ago: timedelta = timedelta(seconds=20)) -> None:
    """A fire on a camera that is there, raised when this returns; its first frame was taken so long `ago`."""
    start = datetime.now(UTC) - ago
    for number in range(FRAMES):
        headers = {"Captured-At": (start + timedelta(seconds=2 * number)).isoformat()}
        client.post(f"/v1/cameras/{camera}/frames", content=pictures.fire(30 + number), headers=headers).raise_for_status()


def burn(service: Service, camera: str, name: str = "", unit: str | None = None) -> str:
    """A fire on a new camera, raised when this returns: the id of its event."""
    with service.client() as client:
        body = {"id": camera, "name": name or camera, "unit": unit}
        client.post("/v1/cameras", json=body).raise_for_status()
        burn_on(client, camera)
        (event,) = client.get("/v1/events", params={"camera": camera, "raised": True}).json()["items"]
    return str(event["id"])
