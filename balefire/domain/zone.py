"""An ignore zone: a part of a camera's view where something is always there. Who drew it, why, and until when.

Letting an alarm rest is for a while and on two pairs of eyes: a zone that an operator draws holds at once, but for a day
only, unless somebody who commands confirms it. Whatever ends comes back for a decision; nothing is ignored for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from balefire.domain.detection import Hazard
from balefire.domain.errors import BadInput
from balefire.domain.geometry import Box, Point, Polygon, inside

TRIAL = timedelta(days=1)
LONGEST = timedelta(days=365)
CORNERS = 32
MOST = 20  # zones of one camera
HAIR = 1e-6
LEAST = 1e-5  # of the view: less is a line


class ZoneState(StrEnum):
    TRIAL = "trial"  # holds for a day, waits for who commands
    ACTIVE = "active"
    EXPIRED = "expired"  # holds no more, waits to be renewed or let go


@dataclass(frozen=True, slots=True)
class IgnoreZone:
    """The picture is kept, nothing is raised there until `until`. It has an owner and a reason.

    `since`: nothing captured before is ignored. `trial_until`: it ends then, unless confirmed. `hazard`, `preset`: only that
    one, None for all. `event`: what it was drawn on.
    """

    polygon: Polygon
    owner: str
    reason: str
    until: datetime
    id: str = ""
    since: datetime | None = None
    trial_until: datetime | None = None
    confirmed_by: str = ""
    hazard: Hazard | None = None
    preset: str | None = None
    event: str | None = None

    @property
    def ends_at(self) -> datetime:
        return min(self.until, self.trial_until or self.until)

    def state(self, now: datetime) -> ZoneState:
        if now >= self.ends_at:
            return ZoneState.EXPIRED
        return ZoneState.TRIAL if self.trial_until else ZoneState.ACTIVE

    def ignores(self, hazard: Hazard | None, box: Box, at: datetime, preset: str | None = None) -> bool:
        """Whether it holds this box: its centre and three of its corners. What grew beyond is not ignored."""
        if at >= self.ends_at or (self.since is not None and at < self.since):
            return False
        if self.hazard not in (None, hazard) or self.preset not in (None, preset):
            return False
        # A hair inside the box: at the picture's right and lower edge its corners lie on those of the zone.
        (x1, y1, x2, y2), polygon = box.xyxy, self.polygon
        xs, ys = (x1 + HAIR, x2 - HAIR), (y1 + HAIR, y2 - HAIR)
        return inside(box.centre, polygon) and sum(inside((x, y), polygon) for x in xs for y in ys) >= 3

    def confirmed(self, by: str, until: datetime) -> IgnoreZone:
        return replace(self, until=until, trial_until=None, confirmed_by=by)


def check_end(now: datetime, until: datetime) -> None:
    """Raises BadInput."""
    if not now < until <= now + LONGEST:
        raise BadInput(f"an ignore zone ends within {LONGEST.days} days from now, and not before; it can be renewed then")


def check_shape(polygon: Polygon) -> None:
    """Raises BadInput."""
    if not (3 <= len(polygon) <= CORNERS and all(0 <= value <= 1 for point in polygon for value in point)):
        raise BadInput(f"a zone has 3 to {CORNERS} corners, each within the picture (0–1)")
    if share([polygon]) < LEAST:
        raise BadInput("this zone has no area")


def share(polygons: Iterable[Sequence[Point]]) -> float:
    """The part of the view that lies in any of these polygons, 0–1; where they overlap it counts once.

    Between two neighbouring heights at which an edge begins, ends or meets another, widths change evenly: the width in the
    middle gives each slab's area exactly.
    """
    edges = [[*pairwise((*polygon, polygon[0]))] for polygon in polygons]
    flat = [edge for of_one in edges for edge in of_one]
    heights = {y for edge in flat for _, y in edge} | {
        y for i, one in enumerate(flat) for other in flat[:i] if (y := _meeting(one, other)) is not None
    }
    return sum((low - high) * _width(edges, (low + high) / 2) for high, low in pairwise(sorted(heights)) if low > high)


def _meeting(one: tuple[Point, Point], other: tuple[Point, Point]) -> float | None:
    """The height at which two edges cross."""
    ((xa, ya), (xb, yb)), ((xc, yc), (xd, yd)) = one, other
    turn = (xb - xa) * (yd - yc) - (yb - ya) * (xd - xc)
    if turn == 0:
        return None
    along = ((xc - xa) * (yd - yc) - (yc - ya) * (xd - xc)) / turn
    beside = ((xc - xa) * (yb - ya) - (yc - ya) * (xb - xa)) / turn
    return ya + along * (yb - ya) if 0 < along < 1 and 0 < beside < 1 else None


def _width(edges: list[list[tuple[Point, Point]]], y: float) -> float:
    """How much of the line at height `y` lies in any polygon (even-odd rule in each)."""
    spans = list[tuple[float, float]]()
    for of_one in edges:
        hits = sorted(xa + (y - ya) / (yb - ya) * (xb - xa) for (xa, ya), (xb, yb) in of_one if (ya > y) != (yb > y))
        spans += zip(hits[::2], hits[1::2], strict=True)
    width = until = 0.0
    for start, end in sorted(spans):
        width += max(0.0, end - max(start, until))
        until = max(until, end)
    return width
