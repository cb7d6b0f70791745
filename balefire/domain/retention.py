"""How long pictures are kept, and why."""

from __future__ import annotations

from dataclasses import dataclass

from balefire.domain.event import Change, Event, EventState
from balefire.domain.frame import Frame

CANDIDATE_S = 120.0  # from its start on; afterwards one picture a minute tells as much


@dataclass(frozen=True, slots=True)
class Retention:
    """Days per verdict; None: for ever. Frames that saw nothing leave a row, thinned to one a minute after a day."""

    ring_s: float = 20.0  # pictures before the first sighting
    false_days: float | None = 30.0
    real_days: float | None = 365.0
    unsure_days: float | None = 365.0
    unreviewed_days: float | None = None
    not_raised_days: float | None = 3.0  # candidates that nobody was told about
    reference_days: float | None = 30.0
    rows_days: float = 1.0
    changes_days: float = 7.0


def worth_a_picture(event: Event, change: Change, frame: Frame) -> bool:
    """Whether `frame`, which did `change` to `event`, is kept for it.

    What is raised is kept whole. A patch of haze that is seen for days, or a lamp that is always there, would fill the disk:
    of a candidate its first two minutes and then a frame a minute are kept, of a standing event the hour's reference.
    """
    if change is Change.CLOSED:
        return False
    if event.state is EventState.CANDIDATE:
        return frame.first_of_minute or (frame.captured_at - event.started_at).total_seconds() <= CANDIDATE_S
    return event.state is not EventState.STANDING
