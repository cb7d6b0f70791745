"""When sightings become an event that people are told about: k sightings of n frames, per hazard."""

from __future__ import annotations

from dataclasses import dataclass

from balefire.domain.detection import Hazard


@dataclass(frozen=True, slots=True)
class Policy:
    """`sightings` of the last `frames` frames, within `window_s` seconds, at boxes that overlap, raise an event.

    A raised event closes after `open_s` seconds without a sighting; a candidate gives up after `window_s`.
    `link_iou`: least intersection over union by which a detection belongs to an event; `link_distance`: or centres
    so near (shares of the picture), since a small plume that drifts need not overlap itself.
    """

    hazard: Hazard
    sightings: int
    frames: int
    window_s: float
    open_s: float
    link_iou: float = 0.1
    link_distance: float = 0.05

    def __post_init__(self) -> None:
        if not 1 <= self.sightings <= self.frames:
            raise ValueError(f"{self.hazard}: sightings lies between 1 and frames, got {self.sightings} of {self.frames}")
        if self.window_s <= 0 or self.open_s <= 0:
            raise ValueError(f"{self.hazard}: window_s and open_s are seconds above 0")
