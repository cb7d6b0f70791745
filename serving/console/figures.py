"""The figures of a span of time as a page, and one shift as a report to print. Made here, so that they print anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from balefire.domain.access import Principal, Scope
from balefire.domain.errors import BadInput
from balefire.flows import stats
from balefire.flows.cameras import every_camera
from serving.api.wire import Needs, TheHouse
from serving.console import names
from serving.console.language import N_
from serving.console.render import look, page

router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Since = Annotated[str, Query(alias="from", max_length=40)]
Until = Annotated[str, Query(alias="to", max_length=40)]
DAYS, SHIFT = timedelta(days=7), timedelta(hours=12)
HOUR_WIDE = 30  # of the chart's 720 units
SHOWN = 100  # cameras; the others stand in the CSV
WATCHING = 0.95  # of the shift's minutes; below it a camera is named in the report
NO_SPAN = N_("That is no span of time: from lies before to, by at most a year.")


@dataclass(frozen=True, slots=True)
class Span:
    """[since, until), and what was wrong with what was asked for."""

    since: datetime
    until: datetime
    fault: str = ""


@router.get("/figures")
async def figures(request: Request, house: TheHouse, reader: Reader, since: Since = "", until: Until = "") -> Response:
    """By camera, hazard, reason and hour of the city's day. `from` and `to`: days, both part of it; or times."""
    zone, now = ZoneInfo(house.settings.time_zone), house.clock.now()
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    span = _span(since, until, zone, Span(today - DAYS + timedelta(days=1), today + timedelta(days=1)))

    def read() -> dict[str, Any]:
        found = stats.figures(house.database, span.since, span.until, zone, reader.reach)
        return {"found": found, "names": {camera.id: camera.name for camera in every_camera(house.database, reader.reach)}}

    read_now = await house.in_thread(read)
    worst = sorted(read_now["found"].by_camera, key=lambda row: (-row.false, -row.events, row.name))
    how, called = look(request), read_now["names"]
    return await page(
        request, "figures.html", reader=reader, span=span, fault=how._(span.fault), cameras=worst[:SHOWN],
        more=max(len(worst) - SHOWN, 0), last_day=span.until - timedelta(microseconds=1), found=read_now["found"],
        query=urlencode({"from": span.since.isoformat(), "to": span.until.isoformat()}),
        named=lambda code: how._(names.of(code)), plain=str, camera_name=lambda camera: called.get(camera, camera),
        hour_x=lambda hour: int(hour) * HOUR_WIDE,
    )  # fmt: skip


@router.get("/figures/shift")
async def shift(request: Request, house: TheHouse, reader: Reader, since: Since = "", until: Until = "") -> Response:
    """What happened in one shift, each event, and which cameras did not watch; without times, the last twelve hours."""
    zone, now = ZoneInfo(house.settings.time_zone), house.clock.now()
    minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)  # what was raised just now is part of it
    span = _span(since, until, zone, Span(minute - SHIFT, minute))

    def read() -> dict[str, Any]:
        found = stats.figures(house.database, span.since, span.until, zone, reader.reach)
        events = stats.outcomes(house.database, span.since, span.until, reader.reach)
        return {"found": found, "events": events, "fleet": every_camera(house.database, reader.reach)}

    read_now = await house.in_thread(read)
    days = {row.name: row.camera_days for row in read_now["found"].by_camera}
    whole = (min(span.until, now) - span.since) / timedelta(days=1)
    fleet = [camera for camera in read_now["fleet"] if not camera.retired_at and whole > 0]
    shares = [(days.get(camera.id, 0.0) / whole, camera.id) for camera in fleet]
    blind = sorted((share, camera) for share, camera in shares if share < WATCHING)
    return await page(
        request, "shift.html", script="src/shift.ts", reader=reader, span=span, blind=blind[:SHOWN],
        more=max(len(blind) - SHOWN, 0),
        fault=look(request)._(span.fault),
        names={camera.id: camera.name for camera in read_now["fleet"]}, printed_at=now, **read_now,
    )  # fmt: skip


def _span(since: str, until: str, zone: ZoneInfo, usual: Span) -> Span:
    """What was asked for, in the city's time where it has no offset; a day as `to` is part of the span."""
    try:
        begin = _time(since, zone) if since else usual.since
        end = _time(until, zone) if until else usual.until
        if until and len(until) == len("2026-01-31"):
            end += timedelta(days=1)
        stats.check_span(begin, end)
    except (ValueError, OverflowError, BadInput):
        return Span(usual.since, usual.until, NO_SPAN)
    return Span(begin, end)


def _time(text: str, zone: ZoneInfo) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=zone)
