"""What a span of time looked like, for whoever asks: only of the cameras that they reach."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from balefire.domain.access import Reach
from balefire.domain.errors import BadInput
from balefire.domain.figures import Figures, Outcome, Row, count
from balefire.flows.ports import Database
from balefire.flows.wire import Json, time

LONGEST = timedelta(days=366)
EARLIEST, LATEST = 1970, 9000
COLUMNS = (
    "name",
    "events",
    "real",
    "false",
    "unsure",
    "waiting",
    "camera_days",
    "false_alarms_per_camera_day",
    "median_decided_s",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


class By(StrEnum):
    CAMERA = "camera"
    HAZARD = "hazard"
    REASON = "reason"
    CAUSE = "cause"
    HOUR = "hour"


def figures(database: Database, since: datetime, until: datetime, zone: tzinfo, within: Reach) -> Figures:
    """Of events raised in [since, until). Raises BadInput for a span that is none, or longer than a year."""
    check_span(since, until)
    with database.read() as work:
        return count(work.events.outcomes(since, until, within), work.frames.minutes_watched(since, until, within), zone)


def outcomes(database: Database, since: datetime, until: datetime, within: Reach) -> list[Outcome]:
    """Each of these events, oldest first. Raises BadInput."""
    check_span(since, until)
    with database.read() as work:
        return work.events.outcomes(since, until, within)


def as_json(found: Figures, since: datetime, until: datetime, zone: str) -> Json:
    groups = {f"by_{by}": [_row(row) for row in getattr(found, f"by_{by}")] for by in By}
    return {"from": time(since), "to": time(until), "time_zone": zone, "total": _row(found.total), **groups}


def as_csv(found: Figures, by: By) -> str:
    """With a byte order mark, by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in getattr(found, f"by_{by}"):
        values = _row(row)
        writer.writerow({**values, "name": f"'{row.name}" if row.name.startswith(FORMULA) else row.name})
    return "\ufeff" + out.getvalue()


def check_span(since: datetime, until: datetime) -> None:
    """Raises BadInput for a span that is none, longer than a year, or where calendars end."""
    if not EARLIEST <= since.year <= until.year <= LATEST:
        raise BadInput(f"from and to lie between the years {EARLIEST} and {LATEST}")
    if not timedelta(0) < until - since <= LONGEST:
        raise BadInput(f"from lies before to, by at most {LONGEST.days} days")


def _row(row: Row) -> Json:
    rate = row.false_alarms_per_camera_day
    return {
        "name": row.name, "events": row.events, "real": row.real, "false": row.false, "unsure": row.unsure,
        "waiting": row.waiting, "camera_days": round(row.camera_days, 3),
        "false_alarms_per_camera_day": None if rate is None else round(rate, 4),
        "median_decided_s": None if row.median_decided_s is None else round(row.median_decided_s, 1),
    }  # fmt: skip
