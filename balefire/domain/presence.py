"""Who looks at an event right now: a beat every ten seconds while it is open, forgotten when the beats stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

AWAY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """One page that shows one event. `seat` is that page's own id: one person may have two open."""

    event: str
    seat: str
    name: str
    since: datetime
    seen_at: datetime
