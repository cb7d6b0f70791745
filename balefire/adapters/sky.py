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
        observer = Observer(position.lat, position.lon, position.alt_m or 0.0)
        return elevation(observer, at, with_refraction=False) < NIGHT_BELOW_DEG
