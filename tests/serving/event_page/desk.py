"""What tests of the event page do at a desk."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from playwright.sync_api import FloatRect, Locator

from tests.serving.browser import PASSWORD, PATIENCE_MS, Seat
from tests.serving.fires import burn_on
from tests.serving.service import Service

numbers = count()


def sit_down(sitting: Seat, name: str = "lin") -> None:
    sitting.open()
    sitting.sign_in(name, PASSWORD)
    sitting.wait_for_live()


def raise_event(service: Service, camera: str = "", ago: timedelta = timedelta(seconds=20), **facts: object) -> str:
    """A fire on that camera, a new one where it is not there: the camera's name."""
    camera = camera or f"mast-{next(numbers)}"
    with service.client() as client:
        if client.get(f"/v1/cameras/{camera}").status_code == 404:
            client.post("/v1/cameras", json={"id": camera, "name": f"{camera} ({camera})", **facts}).raise_for_status()
        burn_on(client, camera, ago)
    return f"{camera} ({camera})"


def area(element: Locator) -> FloatRect:
    found = element.bounding_box()
    assert found
    return found


def centre(of: FloatRect) -> tuple[float, float]:
    return of["x"] + of["width"] / 2, of["y"] + of["height"] / 2


def drag(sitting: Seat, start: tuple[float, float], by: tuple[float, float]) -> None:
    mouse = sitting.page.mouse
    mouse.move(*start)
    mouse.down()
    mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2)
    mouse.move(start[0] + by[0], start[1] + by[1])
    mouse.up()


def settles(sitting: Seat, holds: Callable[[], bool]) -> None:
    """It holds once the page has drawn what was asked for."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < deadline
        sitting.page.wait_for_timeout(50)


def newest(service: Service, name: str) -> dict[str, Any]:
    """The newest event of the camera of this name, with its frames."""
    with service.client() as client:
        (event,) = client.get("/v1/events", params={"camera": name.split()[0], "raised": True, "limit": 1}).json()["items"]
        return dict(client.get(f"/v1/events/{event['id']}").json())


def decide_all(service: Service, camera: str, verdict: str) -> None:
    with service.client() as client:
        for event in client.get("/v1/events", params={"camera": camera, "reviewed": False, "raised": True}).json()["items"]:
            body = {"verdict": verdict, "reason": "welding" if verdict == "false" else None}
            client.post(f"/v1/events/{event['id']}/reviews", json=body).raise_for_status()


def choose_again(sitting: Seat, name: str) -> None:
    """An event whose boxes may be a person's by now."""
    sitting.found(name).click()
    sitting.page.locator("#camera", has_text=name).wait_for()
    sitting.page.wait_for_selector("#picture:not([hidden])")
