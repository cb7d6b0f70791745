"""What tests do in the control room."""

from __future__ import annotations

from itertools import count
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from serving.bench.queue_fill import EVERY, SEVERAL
from tests.serving.browser import PASSWORD, Seat

PLACES = 300
EVENTS = PLACES + (SEVERAL - 1) * PLACES // EVERY
LANGUAGES = {"en": "en-US", "zh-CN": "zh-CN"}
numbers = count()


def enter(sitting: Seat, path: str = "/", name: str = "lin") -> Page:
    """Sign in at a page and wait until the queue is there."""
    sitting.open(path)
    if "/sign-in" in sitting.page.url:
        sitting.sign_in(name, PASSWORD)
    sitting.wait_for_live()
    sitting.page.wait_for_selector("#picture:not([hidden])")
    return sitting.page


def queue(client: httpx.Client, **wanted: Any) -> dict[str, Any]:
    answer = client.get("/v1/queue", params=wanted)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def whole(client: httpx.Client, **wanted: Any) -> list[dict[str, Any]]:
    """Every row, page by page."""
    page = queue(client, limit=200, **wanted)
    rows: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = queue(client, limit=200, after=page["next"], **wanted)
        rows += page["items"]
    return rows


def several(client: httpx.Client, least: int = SEVERAL) -> dict[str, Any]:
    """A place where so many events wait."""
    return next(row for row in queue(client, limit=200)["items"] if len(row["events"]) >= least)


def open_place(sitting: Seat, row: dict[str, Any]) -> Page:
    """Its most urgent event by its address, all of the place to be decided."""
    sitting.open(f"/events/{row['events'][0]['id']}")
    sitting.wait_for_live()
    expect(sitting.page.locator("#place li")).to_have_count(len(row["events"]))
    sitting.page.wait_for_selector("#picture:not([hidden])")
    return sitting.page


def decided(client: httpx.Client, row: dict[str, Any]) -> list[str | None]:
    return [client.get(f"/v1/events/{event['id']}").json()["verdict"] for event in row["events"]]


def expect_saved(page: Page, row: dict[str, Any]) -> None:
    for event in row["events"]:
        expect(page.locator(f"#decided #row-{event['id']}")).to_have_count(1)
