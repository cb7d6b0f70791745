"""A person's verdict on an event. Append-only; the last one counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from balefire.domain.detection import Hazard
from balefire.domain.geometry import Box


class Verdict(StrEnum):
    REAL = "real"
    FALSE = "false"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class ReviewBox:
    """A box as a person corrected it, in frame `frame` (a row id)."""

    frame: str
    hazard: Hazard
    box: Box


@dataclass(frozen=True, slots=True)
class Review:
    """`by` is the name of the user or key that decided."""

    id: str
    event: str
    verdict: Verdict
    reason: str
    note: str
    by: str
    at: datetime
    boxes: tuple[ReviewBox, ...] = ()
