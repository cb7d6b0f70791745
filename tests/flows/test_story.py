"""A story retells what was decided: told from the stored rows, on both databases, it ends as the event did."""

from __future__ import annotations

from typing import Any

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.camera import Mount
from balefire.domain.detection import Detection, Hazard
from balefire.domain.errors import UnknownEvent
from balefire.domain.policy import Policies, Policy
from balefire.domain.zone import IgnoreZone
from balefire.flows.ports import Seen
from balefire.flows.rehearsal import Take, rehearse
from balefire.flows.story import Story, tell
from tests.builders import at, camera, detection

RULE = Policy(
    Hazard.SMOKE, sightings=3, frames=5, window_s=60, open_s=30, confidence=0.2, steady_iou=0.9, steady_sightings=3,
    standing_s=20, regrown=2.0,
)  # fmt: skip
POLICIES = Policies.plain({hazard: RULE for hazard in Hazard})
CHIMNEY = IgnoreZone(((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)), "Li", "chimney", at(900))


def _take(second: float, *sees: Detection) -> Take:
    return Take(at(second), Seen(640, 360, sees, b"", {}), f"{second}")


def _plume(second: float, sure: float = 0.5) -> Detection:
    """Grows by a hundredth of the picture a second."""
    side = 0.1 + 0.01 * second
    return detection(box=(0.4, 0.5 - side / 2, 0.4 + side, 0.5 + side / 2), sure=sure)


def _stories(database: SqlDatabase, takes: list[Take], **of_camera: Any) -> list[Story]:
    events = rehearse(database, camera(**of_camera), takes, POLICIES).events
    return [tell(database, event.id, POLICIES) for event in events]


@pytest.mark.parametrize(
    ("takes", "states", "code"),
    [
        ([_take(s, *([_plume(s)] if s > 1 else [])) for s in range(8)],
         [None, None, "candidate", "candidate", "raised", "raised", "raised", "raised"], "seen"),
        ([_take(s, *([_plume(s)] if s in (0, 1) else [])) for s in (0, 1, 30, 70)],
         ["candidate", "candidate", "candidate", "closed"], "few"),
        ([_take(s, *([_plume(s)] if s < 3 else [])) for s in (0, 1, 2, 10, 40)],
         ["candidate", "candidate", "raised", "raised", "closed"], "seen"),
    ],
)  # fmt: skip
def test_every_frame_says_where_things_stood(
    database: SqlDatabase, takes: list[Take], states: list[str | None], code: str
) -> None:
    (story,) = _stories(database, takes)
    assert [step.state for step in story.steps] == states
    assert story.event.code == code
    assert story.agrees


def test_a_lamp_is_told_to_be_standing_however_long_it_burns(database: SqlDatabase) -> None:
    (story,) = _stories(database, [_take(second, detection()) for second in range(80)])
    assert story.event.state == "standing"
    assert story.agrees
    assert story.steps[-1].code == "standing"
    assert {step.code for step in story.steps} >= {"few", "standing"}


def test_an_ignore_zone_and_its_reason_are_in_the_story(database: SqlDatabase) -> None:
    (story,) = _stories(database, [_take(s, detection(sure=0.5)) for s in range(3)], ignore_zones=(CHIMNEY,))
    assert (story.steps[-1].code, story.agrees) == ("ignored", True)
    assert story.steps[-1].reason.endswith("chimney")


def test_frames_that_came_late_stand_where_they_came(database: SqlDatabase) -> None:
    takes = [_take(0, _plume(0)), _take(10, _plume(10)), _take(5, _plume(5))]
    (story,) = _stories(database, takes)
    assert [step.captured_at for step in story.steps] == [at(0), at(10), at(5)]
    assert (story.steps[-1].state, story.agrees) == ("raised", True)


def test_thinned_rows_leave_the_sightings(database: SqlDatabase) -> None:
    takes = [_take(second, *([_plume(second)] if second % 2 else [])) for second in range(9)]
    (event,) = rehearse(database, camera(), takes, POLICIES).events
    with database.begin() as work:
        work.frames.forget_pictures([frame.id for frame in work.frames.in_ring("ridge", at(0), at(99))])
        assert work.frames.thin(at(9999)) > 0
    story = tell(database, event.id, POLICIES)
    assert sum(step.confidence is not None for step in story.steps) == 4
    assert story.steps[-1].state == "raised"


def test_other_policies_would_have_decided_otherwise(database: SqlDatabase) -> None:
    (event,) = rehearse(database, camera(), [_take(s, _plume(s)) for s in range(6)], POLICIES).events
    strict = Policies.plain({hazard: Policy(hazard, 6, 6, window_s=60, open_s=30) for hazard in Hazard})
    assert tell(database, event.id, POLICIES).agrees
    assert not tell(database, event.id, strict).agrees


def test_a_moving_camera_tells_two_short_stories(database: SqlDatabase) -> None:
    seconds_only = Policies.plain({hazard: Policy(hazard, 3, 5, window_s=60, open_s=30, link_s=5) for hazard in Hazard})
    takes = [_take(second, detection()) for second in (0, 1, 20, 21)]
    events = rehearse(database, camera(mount=Mount.MOVING), takes, seconds_only).events
    stories = [tell(database, event.id, seconds_only) for event in events]
    assert [sum(step.confidence is not None for step in story.steps) for story in stories] == [2, 2]
    assert all(story.agrees for story in stories)


def test_nobody_knows_the_event(database: SqlDatabase) -> None:
    with pytest.raises(UnknownEvent):
        tell(database, "01NONE", POLICIES)
