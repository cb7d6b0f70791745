"""`balefire cameras status`: is every camera really watching?"""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.table import Table

from balefire.domain.health import ORDER
from balefire.flows.health import CameraHealth, frames_per_minute, healths, state_of
from balefire.flows.ports import Database
from balefire.flows.wire import pulse, spell

PAGE = 1000


def healths_of_all(database: Database, now: datetime, zone: ZoneInfo, faulty: bool) -> list[CameraHealth]:
    """Of the city's day so far, page by page; retired cameras are left out."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[CameraHealth] = []
    with database.read() as work:
        after = None
        while page := work.cameras.pulses(after, PAGE, retired=False, faulty=faulty or None):
            found += healths(work, page, midnight, now)
            after = page[-1].camera
    return found


def status_table(known: list[CameraHealth], now: datetime, zone: ZoneInfo) -> Table:
    """The worst first, else by camera. Times in the city's zone."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    table = Table("camera", "state", "since", "last new frame", "a minute", "clock", "blind today")
    for one in sorted(known, key=_badness):
        since = min((held.since for held in one.spells if held.until is None), default=None)
        new_at, skew_s = one.pulse.last_new_at, one.pulse.clock.skew_s
        table.add_row(
            one.pulse.camera,
            " ".join(one.pulse.faults) or state_of(one.pulse),
            f"{since.astimezone(zone):%F %T}" if since else "",
            f"{(now - new_at).total_seconds():.0f} s ago" if new_at else "never",
            str(frames_per_minute(one.pulse, now)),
            f"{skew_s:+.0f} s" if skew_s else "",
            f"{one.blind_s(midnight, now):.0f} s" if one.spells else "",
            style="red" if any(fault.blinds for fault in one.pulse.faults) else None,
        )
    return table


def status_json(known: list[CameraHealth], now: datetime) -> str:
    """As `GET /v1/cameras/health` tells it, without the figures of the day."""
    items = [
        {
            **pulse(one.pulse, state_of(one.pulse), frames_per_minute(one.pulse, now)),
            "faults": [spell(held) for held in one.spells if held.until is None],
        }
        for one in sorted(known, key=_badness)
    ]
    return json.dumps(items, ensure_ascii=False, indent=1)


def _badness(one: CameraHealth) -> tuple[int, str]:
    worst = ORDER[one.pulse.faults[0]] if one.pulse.faults else len(ORDER)
    return worst, one.pulse.camera
