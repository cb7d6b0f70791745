"""Figures of a span of time: events, false alarms per camera-day, how soon people decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from balefire.domain.access import Principal, Scope
from balefire.domain.errors import BadInput
from balefire.domain.figures import Figures
from balefire.flows import stats
from balefire.flows.stats import By
from serving.api.wire import Needs, TheHouse, parse_time
from serving.house import House

router = APIRouter(prefix="/v1", tags=["stats"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
USUAL = timedelta(days=7)
Since = Annotated[str | None, Query(alias="from", description="RFC 3339; without it, seven days before `to`")]
Until = Annotated[str | None, Query(alias="to", description="RFC 3339; without it, now")]


@router.get("/stats")
async def figures(house: TheHouse, reader: Reader, since: Since = None, until: Until = None) -> dict[str, Any]:
    """By camera, hazard, reason (why it was raised), cause (what people said it was) and hour of the city's day.

    `camera_days`: time with pictures; `median_decided_s`: from raising to the first decision.
    """
    begin, end = _span(house, since, until)
    return stats.as_json(await _read(house, reader, begin, end), begin, end, house.settings.time_zone)


@router.get("/stats.csv")
async def table(house: TheHouse, reader: Reader, since: Since = None, until: Until = None, by: By = By.CAMERA) -> Response:
    """One of the tables of `/v1/stats`, for a spreadsheet."""
    begin, end = _span(house, since, until)
    text = stats.as_csv(await _read(house, reader, begin, end), by)
    headers = {"Content-Disposition": f'attachment; filename="balefire-{by}-{begin:%Y%m%d}-{end:%Y%m%d}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


async def _read(house: House, reader: Principal, since: datetime, until: datetime) -> Figures:
    zone = ZoneInfo(house.settings.time_zone)
    return await house.in_thread(stats.figures, house.database, since, until, zone, reader.reach)


def _span(house: House, since: str | None, until: str | None) -> tuple[datetime, datetime]:
    end = parse_time(until, "to") or house.clock.now()
    try:
        return parse_time(since, "from") or end - USUAL, end
    except OverflowError as error:
        raise BadInput("to lies where calendars end") from error
