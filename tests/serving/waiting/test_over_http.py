"""What waits, over HTTP: pages, filters, places decided as a whole, views."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.serving.service import Service
from tests.serving.waiting.room import (
    decided,
    queue,
    several,
    whole,
)


@pytest.mark.parametrize("limit", [37, 200])
def test_pages_fit_together(room: Service, limit: int) -> None:
    rows: list[dict[str, Any]] = []
    with room.client() as client:
        page = queue(client, limit=limit)
        rows += page["items"]
        while page["next"]:
            page = queue(client, limit=limit, after=page["next"])
            rows += page["items"]
    assert len({row["group"] for row in rows}) == len(rows) == page["waiting"]["groups"] == page["chosen"]["groups"]
    assert [row["queue_at"] for row in rows] == sorted(row["queue_at"] for row in rows)
    assert sum(len(row["events"]) for row in rows) == page["waiting"]["events"]
    assert min(event["raised_at"] for row in rows for event in row["events"]) == page["waiting"]["oldest_at"]


@pytest.mark.parametrize(
    ("wanted", "same"),
    [
        ({"hazard": "flame"}, lambda event: event["hazard"] == "flame"),
        ({"hazard": ["smoke", "waste"]}, lambda event: event["hazard"] != "flame"),
        ({"camera": ["mast-001", "mast-002"]}, lambda event: event["camera"] in ("mast-001", "mast-002")),
        ({"unit": "oak"}, lambda event: event["camera"] in ("mast-007", "mast-008")),
        ({"state": "candidate"}, lambda event: False),
    ],
)
def test_filters_choose_places(room: Service, wanted: dict[str, Any], same: Any) -> None:
    with room.client() as client:
        everything, chosen = whole(client), whole(client, **wanted)
        listed = client.get("/v1/events", params={"raised": True, "limit": 200, **wanted}).json()["items"]
        counted = queue(client, limit=1, **wanted)
    expected = [row["group"] for row in everything if any(same(event) for event in row["events"])]
    assert [row["group"] for row in chosen] == expected
    assert counted["chosen"]["groups"] == len(expected) < counted["waiting"]["groups"]
    assert all(same(event) for event in listed)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/v1/queue?hazard=fire", 422, "bad_input"),
        ("/v1/queue?camera=A%20B", 422, "bad_input"),
        ("/v1/queue?since=2026-01-31T08:00:00", 422, "naive_time"),
        ("/v1/queue?since=yesterday", 422, "bad_input"),
        ("/v1/queue?hours=0", 422, "bad_input"),
        ("/v1/queue?hours=1&since=2026-01-31T08:00:00Z", 422, "bad_input"),
        ("/v1/queue?after=01M8", 422, "bad_input"),
        ("/v1/queue?after=999999999999999999_01M8", 422, "bad_input"),
        ("/v1/queue?unit=nowhere", 404, "unknown_unit"),
        ("/v1/queue/nothing", 404, "unknown_group"),
        ("/v1/events?state=gone", 422, "bad_input"),
        ("/v1/stream?after=x", 422, "bad_input"),
    ],
)
def test_what_cannot_be_is_a_problem(room: Service, address: str, status: int, code: str) -> None:
    with room.client() as client:
        answer = client.get(address)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_place_is_decided_as_a_whole_or_not_at_all(room: Service) -> None:
    with room.client() as client, httpx.Client(base_url=room.url) as stranger:
        row = several(client)
        address, first = f"/v1/queue/{row['group']}/reviews", row["events"][0]["id"]
        seen = {event["id"]: "" for event in row["events"]}
        assert stranger.post(address, json={"verdict": "real"}).status_code == 401
        client.post(f"/v1/events/{first}/reviews", json={"verdict": "real"}).raise_for_status()
        refused = client.post(address, json={"verdict": "false", "reason": "fog", "expects": seen})
        assert (refused.status_code, refused.json()["code"]) == (409, "decided_meanwhile")
        assert decided(client, row) == ["real", None, None]
        done = client.post(address, json={"verdict": "false", "reason": "fog"}).json()["items"]
        assert decided(client, row) == ["real", "false", "false"]
        assert client.get(f"/v1/queue/{row['group']}").json()["events"] == []
        assert {event["reviews"][-1]["reason"] for event in done} == {"fog"}
        client.post(f"{address}/{done[0]['reviews'][-1]['id']}/undo").raise_for_status()
        assert decided(client, row) == ["real", None, None]


def test_views_belong_to_one_person(room: Service) -> None:
    key = room.key("read")
    with room.client() as client, room.client(key) as other:
        assert client.put("/v1/views/Night fires", json={"address": "hazard=flame&hours=8"}).status_code == 200
        client.put("/v1/views/Night fires", json={"address": "hazard=flame"}).raise_for_status()
        assert client.get("/v1/views").json()["items"] == [{"name": "Night fires", "address": "hazard=flame"}]
        assert other.get("/v1/views").json()["items"] == []
        assert client.put("/v1/views/x", json={"address": "colour=red"}).json()["code"] == "bad_input"
        assert client.delete("/v1/views/Night fires").status_code == 204
        assert client.delete("/v1/views/Night fires").status_code == 404
