"""How a span of time is counted."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from balefire.domain.detection import Hazard
from balefire.domain.figures import Figures, Outcome, Row, count
from balefire.domain.review import Verdict
from tests.builders import at

SHANGHAI = ZoneInfo("Asia/Shanghai")


def outcome(seconds: float = 0, verdict: Verdict | None = None, waited_s: float | None = None, **fields: str) -> Outcome:
    values = {"event": "e", "camera": "ridge", "hazard": Hazard.SMOKE, "code": "seen", **fields}
    decided_at = None if waited_s is None else at(seconds) + timedelta(seconds=waited_s)
    return Outcome(**values, raised_at=at(seconds), verdict=verdict, decided_at=decided_at)  # type: ignore[arg-type]


def counted(*outcomes: Outcome, **minutes: int) -> Figures:
    return count(outcomes, minutes, SHANGHAI)


def named(rows: tuple[Row, ...], name: str) -> Row:
    return next(row for row in rows if row.name == name)


@pytest.mark.parametrize(
    ("verdicts", "minutes", "rate"),
    [
        ([Verdict.FALSE, Verdict.FALSE, Verdict.REAL, None], 1440, 2.0),
        ([Verdict.FALSE], 2880, 0.5),
        ([Verdict.REAL, Verdict.UNSURE], 1440, 0.0),
        ([Verdict.FALSE], 0, None),  # nothing watched: no rate, and no division
    ],
)
def test_false_alarms_per_camera_day(verdicts: list[Verdict | None], minutes: int, rate: float | None) -> None:
    found = counted(*(outcome(verdict=verdict) for verdict in verdicts), ridge=minutes)
    assert found.total.false_alarms_per_camera_day == named(found.by_camera, "ridge").false_alarms_per_camera_day == rate


@pytest.mark.parametrize(("waited", "median"), [([], None), ([30.0], 30.0), ([10.0, 90.0, 20.0], 20.0), ([10.0, 20.0], 15.0)])
def test_the_median_time_to_decision(waited: list[float], median: float | None) -> None:
    undecided = outcome()
    assert counted(undecided, *(outcome(waited_s=one) for one in waited)).total.median_decided_s == median


def test_each_camera_by_its_own_time() -> None:
    found = counted(
        outcome(verdict=Verdict.FALSE), outcome(camera="pier", verdict=Verdict.FALSE), ridge=720, pier=1440, mast=60
    )
    assert [(row.name, row.events, row.false_alarms_per_camera_day) for row in found.by_camera] == [
        ("mast", 0, 0.0),
        ("pier", 1, 1.0),
        ("ridge", 1, 2.0),
    ]


def test_hours_are_the_citys() -> None:
    found = counted(outcome())  # noon in UTC
    assert len(found.by_hour) == 24
    assert [row.name for row in found.by_hour if row.events] == ["20"]


def test_causes_are_what_people_said() -> None:
    found = counted(outcome(cause="lamp", verdict=Verdict.FALSE), outcome(cause="lamp"), outcome())
    assert [(row.name, row.events) for row in found.by_cause] == [("lamp", 2)]
    assert [(row.name, row.events) for row in found.by_reason] == [("seen", 3)]
    assert [(row.name, row.events) for row in found.by_hazard] == [("flame", 0), ("smoke", 3), ("waste", 0)]
