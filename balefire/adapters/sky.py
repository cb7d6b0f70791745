"""Where the sun stands, by the astral library: https://sffjunkie.github.io/astral/"""

from __future__ import annotations

from datetime import datetime

from astral import Observer
from astral.sun import elevation

from balefire.domain.camera import Position

NIGHT_BELOW_DEG = -6.0  # the end of civil twilight


class SunSky:
    """Implements `flows.ports.Sky`."""

    def is_dark(self, position: Position, at: datetime) -> bool:
        return _height_deg(position, at) < NIGHT_BELOW_DEG

    def is_twilight(self, position: Position, at: datetime) -> bool:
        return abs(_height_deg(position, at)) <= -NIGHT_BELOW_DEG


def _height_deg(position: Position, at: datetime) -> float:
    """Of the sun over the horizon."""
    return elevation(Observer(position.lat, position.lon, position.alt_m or 0.0), at, with_refraction=False)
