"""Who is looked at first: a head start by what was seen, and then whoever waits longest.

An event queues as though it had been raised earlier, by its head start. All of them grow older alike, so the order of two
never turns round by waiting alone: rows stay where they are, pages fit together, and nothing is left behind for ever.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta

from balefire.domain.detection import Hazard
from balefire.domain.geometry import Box

# Smoke is often the first of a fire that can be seen, so it waits behind no flame.
BY_HAZARD = {Hazard.FLAME: timedelta(hours=6), Hazard.SMOKE: timedelta(hours=6), Hazard.WASTE: timedelta(0)}
WHOLLY_SURE = timedelta(hours=2)  # at confidence 1, and its part below
A_DOUBLING = timedelta(hours=1)  # of the area of its box
DOUBLINGS = 3.0  # beyond, size says no more
NEWEST = 3  # boxes that are taken for the size now: one alone may be off


def head_start(hazard: Hazard, confidence: float, grown: float = 1.0) -> timedelta:
    """confidence 0–1; grown: area now over area at first, where less than 1 counts as 1."""
    doublings = min(math.log2(max(grown, 1.0)), DOUBLINGS)
    return BY_HAZARD[hazard] + WHOLLY_SURE * confidence + A_DOUBLING * doublings


def grown(boxes: Sequence[Box]) -> float:
    """How many times as large it is now; boxes in order of capture."""
    first = boxes[0].area
    return statistics.median(box.area for box in boxes[-NEWEST:]) / first if first > 0 else 1.0


def queues_at(raised_at: datetime, hazard: Hazard, confidence: float, boxes: Sequence[Box]) -> datetime:
    """The time as which it queues; the earliest is the most urgent."""
    return raised_at - head_start(hazard, confidence, grown(boxes))
