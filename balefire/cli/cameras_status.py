"""`balefire cameras status`: is every camera really watching? From the database here, or from a service elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from rich.table import Table

from balefire.camera.redact import hide_arguments, redact, secrets_of
from balefire.domain.errors import BadInput, BalefireError
from balefire.domain.health import Fault
from balefire.flows import health
from balefire.flows.ports import Database

PAGE = 1000
TIMEOUT_S = 30.0
Item = dict[str, Any]  # of one camera, as GET /v1/cameras/health says it; and its name


class ServerAway(BalefireError):
    """The service does not answer, or not as one of ours."""

    code = "server_away"


def from_database(database: Database, now: datetime, zone: ZoneInfo, faulty: bool) -> list[Item]:
    """Of the city's day so far, by camera; retired cameras are left out."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found, names = list[Item](), dict[str, str]()
    with database.read() as work:
        after = None
        while page := work.cameras.pulses(after, PAGE, retired=False, faulty=faulty or None):
            found += [health.body(one, midnight, now) for one in health.healths(work, page, midnight, now)]
            after = page[-1].camera
        after = None
        while cameras := work.cameras.all(after, PAGE):
            names |= {camera.id: camera.name for camera in cameras}
            after = cameras[-1].id
    return [{"name": names[one["camera"]], **one} for one in found]


def from_server(server: str, key: str, faulty: bool) -> list[Item]:
    """The same from a service elsewhere. Raises BadInput for what is no address or opens nothing, ServerAway."""
    if not key:
        raise BadInput("--server needs a key with the scope read: --key, or BALEFIRE_KEY")
    hide_arguments([key, *secrets_of(server)])
    try:
        with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT_S) as client:
            known = {one["id"]: one for one in _pages(client, "/v1/cameras", {})}
            items = list(_pages(client, "/v1/cameras/health", {"faulty": "true"} if faulty else {}))
    except httpx.HTTPStatusError as error:
        raise BadInput(f"{redact(server)} says {error.response.status_code}: {_detail(error.response)}") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise ServerAway(f"{redact(server)}: no balefire answers there ({type(error).__name__})") from error
    here = [one for one in items if one["camera"] in known and known[one["camera"]].get("retired_at") is None]
    return [{"name": known[one["camera"]]["name"], **one} for one in here]


def status_table(items: list[Item], now: datetime, zone: ZoneInfo) -> Table:
    """The worst first, else by camera. Times in the city's zone."""
    table = Table("camera", "name", "state", "since", "last new frame", "a minute", "clock", "blind today", "not judged")
    for one in sorted(items, key=_badness):
        since = min((_time(fault["since"]) for fault in one["faults"]), default=None)
        new_at, skew_s = one["last_new_at"], one["clock_skew"]
        table.add_row(
            one["camera"],
            one["name"] if one["name"] != one["camera"] else "",
            " ".join(fault["fault"] for fault in one["faults"]) or one["state"],
            f"{since.astimezone(zone):%F %T}" if since else "",
            _ago(now - _time(new_at)) if new_at else "never",
            str(one["frames_per_minute"]),
            f"{skew_s:+.0f} s" if abs(skew_s) >= 1 else "",
            f"{one['blind_today_s']:.0f} s" if one["blind_today_s"] else "",
            " ".join(one.get("unjudged", [])),
            style="red" if is_blind(one) else None,
        )
    return table


def is_blind(item: Item) -> bool:
    return any(fault["blinds"] for fault in item["faults"])


def _pages(client: httpx.Client, path: str, asked: dict[str, str]) -> Iterator[Item]:
    after: dict[str, str] = {}
    while True:
        answer = client.get(path, params={"limit": PAGE, **asked, **after}).raise_for_status().json()
        yield from answer["items"]
        if not answer["next"]:
            return
        after = {"after": answer["next"]}


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _ago(past: timedelta) -> str:
    return f"{max(past.total_seconds(), 0):.0f} s ago"


def _badness(item: Item) -> tuple[int, str]:
    order = [fault.value for fault in Fault]
    worst = item["faults"][0]["fault"] if item["faults"] else ""
    return order.index(worst) if worst in order else len(order), item["camera"]
