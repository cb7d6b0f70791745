"""A person's verdict on an event. Append-only: the last one counts, unless a further row took it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from balefire.domain.detection import Hazard
from balefire.domain.errors import Conflict
from balefire.domain.geometry import Box

UNDO = timedelta(minutes=10)


class Verdict(StrEnum):
    REAL = "real"
    FALSE = "false"
    UNSURE = "unsure"


class Reason(StrEnum):
    """What the machine took for a hazard. `incense`: also paper offerings. What is permitted or legal is real, but allowed."""

    CLOUD = "cloud"
    FOG = "fog"
    DUST = "dust"
    STEAM = "steam"
    CHIMNEY = "chimney"
    SUN_GLARE = "sun_glare"
    SUNSET = "sunset"
    STREET_LAMP = "street_lamp"
    TAIL_LIGHTS = "tail_lights"
    VEHICLE_LIGHTS = "vehicle_lights"
    WELDING = "welding"
    BARBECUE = "barbecue"
    INCENSE = "incense"
    FIREWORKS = "fireworks"
    RED_OBJECT = "red_object"
    WATER_REFLECTION = "water_reflection"
    LENS_DIRT = "lens_dirt"
    PERMITTED_BURNING = "permitted_burning"
    LEGAL_STORAGE = "legal_storage"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReviewBox:
    """A box as a person corrected it, in frame `frame` (a row id)."""

    frame: str
    hazard: Hazard
    box: Box


@dataclass(frozen=True, slots=True)
class Review:
    """`by` is the name of the user or key that decided.

    `reason` is a Reason or empty; rows from before there was a list hold free text. `undoes`: this row decides nothing, it
    takes that review back. `frames`: those whose boxes this person set; one of them without a box shows no hazard.
    """

    id: str
    event: str
    verdict: Verdict
    reason: str
    note: str
    by: str
    at: datetime
    boxes: tuple[ReviewBox, ...] = ()
    undoes: str | None = None
    frames: tuple[str, ...] = ()


class DecidedMeanwhile(Conflict):
    """Somebody decided between this person's look and their verdict."""

    code = "decided_meanwhile"


class UndoRefused(Conflict):
    """Not the last decision, not this person's, or too old."""

    code = "undo_refused"


def counting(reviews: Sequence[Review]) -> list[Review]:
    """The reviews that nobody took back, in the same order."""
    gone = {one.undoes for one in reviews}
    return [one for one in reviews if one.undoes is None and one.id not in gone]


def verdict_of(reviews: Sequence[Review]) -> Verdict | None:
    """None: it waits (again)."""
    counts = counting(reviews)
    return counts[-1].verdict if counts else None


def check_expected(reviews: Sequence[Review], expects: str) -> None:
    """`expects`: the id of the last row that the deciding person saw, empty for none. Raises DecidedMeanwhile."""
    last = reviews[-1] if reviews else None
    if (last.id if last else "") == expects:
        return
    if last is None:
        raise DecidedMeanwhile(f"this event has no review {expects[:26]}")
    did = "took a decision back" if last.undoes else f"decided {last.verdict}"
    raise DecidedMeanwhile(f"{last.by} {did} at {last.at.isoformat(timespec='seconds')}")


def check_undo(reviews: Sequence[Review], review_id: str, by: str, commands: bool, now: datetime) -> Review:
    """The review that may be taken back: the last that counts, by whom decided or who commands. Raises UndoRefused."""
    counts = counting(reviews)
    if not counts or counts[-1].id != review_id:
        raise UndoRefused("only the last decision that still counts can be taken back")
    last = counts[-1]
    if last.by != by and not commands:
        raise UndoRefused(f"{last.by} decided this: only they or who has command can take it back")
    if now - last.at > UNDO:
        raise UndoRefused(f"a decision can be taken back for {UNDO.seconds // 60} minutes; decide anew instead")
    return last
