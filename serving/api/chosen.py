"""The filters that lists of events share, as they stand in an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query

from balefire.domain.access import Reach
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadInput
from balefire.domain.event import EventState
from balefire.flows.ports import Chosen, Work
from serving.api.wire import parse_time

SLUG = r"^[a-z0-9-]{1,63}$"
A_YEAR_H = 8784


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`unit` as it was sent, `hours`: raised within so many."""

    hazards: tuple[Hazard, ...]
    cameras: tuple[str, ...]
    unit: str | None
    states: tuple[EventState, ...]
    since: datetime | None
    until: datetime | None
    hours: float | None

    def chosen(self, work: Work, within: Reach, now: datetime) -> Chosen:
        """Raises UnknownUnit, also for a unit beyond their reach."""
        unit = work.units.get(self.unit, within).id if self.unit is not None else None
        since = self.since if self.hours is None else now - timedelta(hours=self.hours)
        return Chosen(self.hazards, self.cameras, unit, self.states, since, self.until)


def narrowing(
    hazard: Annotated[list[Hazard] | None, Query()] = None,
    camera: Annotated[list[Annotated[str, Query(pattern=SLUG)]] | None, Query(max_length=200)] = None,
    unit: Annotated[str | None, Query(max_length=63)] = None,
    state: Annotated[list[EventState] | None, Query()] = None,
    since: str | None = None,
    until: str | None = None,
    hours: Annotated[float | None, Query(gt=0, le=A_YEAR_H)] = None,
) -> Narrowing:
    """Raises BadInput, NaiveTime."""
    if hours is not None and since is not None:
        raise BadInput("hours and since both say when it begins: send one of them")
    return Narrowing(
        tuple(hazard or ()), tuple(camera or ()), unit, tuple(state or ()),
        parse_time(since, "since"), parse_time(until, "until"), hours,
    )  # fmt: skip


Asked = Annotated[Narrowing, Depends(narrowing)]
