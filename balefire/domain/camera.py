"""A camera: a fixed, turning or moving eye, visible or thermal."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from balefire.domain.errors import BadInput
from balefire.domain.geometry import Polygon
from balefire.domain.zone import IgnoreZone

SLUG = re.compile(r"[a-z0-9-]{1,63}")


class Mount(StrEnum):
    FIXED = "fixed"
    TURNING = "turning"  # events link within one preset
    MOVING = "moving"  # drones: link over seconds only, no frozen check


class Kind(StrEnum):
    VISIBLE = "visible"
    THERMAL = "thermal"


class Tiles(StrEnum):
    """Whether frames much larger than the model are looked at in overlapping tiles too: small things seen, at many looks."""

    AUTO = "auto"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Position:
    """WGS84 degrees; height above sea level in metres."""

    lon: float
    lat: float
    alt_m: float | None = None

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise BadInput(f"lon −180 to 180 and lat −90 to 90, got {self.lon}, {self.lat}")


def parse_position(text: str) -> Position:
    """Of `lon,lat` or `lon,lat,alt_m`. Raises BadInput."""
    try:
        numbers = [float(part) for part in text.split(",")]
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError
        return Position(*numbers)
    except (TypeError, ValueError) as error:
        raise BadInput(f"a position is lon,lat or lon,lat,alt_m, got {text[:80]!r}") from error


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a turning or flying camera stood and looked when it took one frame; None: not said.

    azimuth_deg: from north, 0 to below 360.
    """

    position: Position | None = None
    azimuth_deg: float | None = None

    def over(self, before: Pose | None) -> Pose:
        """What was not said this time is as it was before."""
        if before is None:
            return self
        azimuth_deg = before.azimuth_deg if self.azimuth_deg is None else self.azimuth_deg
        return Pose(self.position or before.position, azimuth_deg)


@dataclass(frozen=True, slots=True)
class Camera:
    """`id` is a slug that people choose. Masks blacken pixels before anything is stored. Raises BadInput."""

    id: str
    name: str
    unit: str | None = None
    position: Position | None = None
    azimuth_deg: float | None = None
    fov_deg: float | None = None
    mount: Mount = Mount.FIXED
    kind: Kind = Kind.VISIBLE
    detectors: tuple[str, ...] = ("fire",)
    privacy_masks: tuple[Polygon, ...] = ()
    ignore_zones: tuple[IgnoreZone, ...] = ()
    retired_at: datetime | None = None
    tiles: Tiles = Tiles.OFF  # thresholds are chosen on whole pictures

    def __post_init__(self) -> None:
        if not SLUG.fullmatch(self.id):
            raise BadInput(f"a camera's id is 1 to 63 of a–z, 0–9 and -, got {self.id!r}")
        for polygon in (*self.privacy_masks, *(zone.polygon for zone in self.ignore_zones)):
            if len(polygon) < 3 or not all(0 <= value <= 1 for point in polygon for value in point):
                raise BadInput("a mask or zone has at least three corners, each within the picture (0–1)")
