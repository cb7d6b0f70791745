"""Figures of a span of time: events by camera, hazard, reason and hour, how many were false, how soon people decided."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from balefire.domain.detection import Hazard
from balefire.domain.review import Verdict

MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class Outcome:
    """A raised event and what became of it. `code`: why it was raised; `cause`: what the last review says it was.

    `decided_at`: of the first review.
    """

    event: str
    camera: str
    hazard: Hazard
    code: str
    raised_at: datetime
    verdict: Verdict | None = None
    cause: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""

    @property
    def decided_s(self) -> float | None:
        """From raising to the first decision."""
        return None if self.decided_at is None else (self.decided_at - self.raised_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Row:
    """`name`: of the camera, hazard, reason or hour. `camera_days`: time with pictures, in days of one camera."""

    name: str
    events: int
    real: int
    false: int
    unsure: int
    waiting: int
    camera_days: float
    median_decided_s: float | None

    @property
    def false_alarms_per_camera_day(self) -> float | None:
        return self.false / self.camera_days if self.camera_days else None


@dataclass(frozen=True, slots=True)
class Figures:
    total: Row
    by_camera: tuple[Row, ...]
    by_hazard: tuple[Row, ...]
    by_reason: tuple[Row, ...]
    by_cause: tuple[Row, ...]
    by_hour: tuple[Row, ...]


def count(outcomes: Iterable[Outcome], minutes_watched: Mapping[str, int], zone: tzinfo) -> Figures:
    """minutes_watched: by camera, minutes in which it sent a frame. zone: whose hours of the day are meant.

    A camera that watched and raised nothing has its row too; so has every hazard and every hour.
    """
    every = list(outcomes)
    days = sum(minutes_watched.values()) / MINUTES_A_DAY

    def grouped(key: Callable[[Outcome], str], known: Iterable[str] = ()) -> dict[str, list[Outcome]]:
        groups: dict[str, list[Outcome]] = defaultdict(list, {name: [] for name in known})
        for outcome in every:
            groups[key(outcome)].append(outcome)
        return groups

    def rows(groups: Mapping[str, list[Outcome]]) -> tuple[Row, ...]:
        return tuple(_row(name, of, days) for name, of in groups.items())

    cameras = grouped(lambda one: one.camera, sorted(minutes_watched))
    reviewed = [outcome for outcome in every if outcome.cause]
    return Figures(
        _row("", every, days),
        tuple(_row(name, of, minutes_watched.get(name, 0) / MINUTES_A_DAY) for name, of in cameras.items()),
        rows(grouped(lambda one: one.hazard, Hazard)),
        rows(grouped(lambda one: one.code)),
        rows({cause: [one for one in reviewed if one.cause == cause] for cause in sorted({one.cause for one in reviewed})}),
        rows(grouped(lambda one: f"{one.raised_at.astimezone(zone):%H}", (f"{hour:02}" for hour in range(24)))),
    )


def _row(name: str, outcomes: list[Outcome], camera_days: float) -> Row:
    verdicts = [outcome.verdict for outcome in outcomes]
    waited = [outcome.decided_s for outcome in outcomes if outcome.decided_s is not None]
    return Row(
        str(name), len(outcomes), verdicts.count(Verdict.REAL), verdicts.count(Verdict.FALSE), verdicts.count(Verdict.UNSURE),
        verdicts.count(None), camera_days, statistics.median(waited) if waited else None,
    )  # fmt: skip
