"""When sightings become an event that people are told about: rules per hazard, by camera and by light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from balefire.domain.camera import Camera, Kind, Mount
from balefire.domain.detection import Hazard

NEVER = 1.01  # above every share


@dataclass(frozen=True, slots=True)
class Policy:
    """`sightings` of the last `frames` frames, within `window_s` seconds, at boxes that link, raise an event.

    `confidence`: least score of a sighting, 0–1; it may lie below the bundle's threshold, which is for single pictures.
    `sure`: a sighting from this score on counts twice, since what is plain need not be seen as often; one alone never raises.
    `plain`, `grown`: what stays faint, with no sighting of score `plain`, raises only where its box grew to `grown` times
    between the first and the last half of its sightings, or drifted by its own size: a patch of haze does neither.
    `dwell_s`: seconds that must lie between the first and the last sighting: a lorry that unloads is no dump.
    `link_iou`: least intersection over union by which a detection belongs to an event; `link_distance`: or centres so near
    (shares of the picture), since a small plume that drifts need not overlap itself; `link_s`: and no longer ago than this.
    `steady_iou`: flames flicker and smoke drifts; a thing whose boxes overlap from sighting to sighting by this much (median)
    in each of `steady_sightings` is steady: a lamp, a chimney. It does not raise, and after `standing_s` seconds it is
    `standing`: known, and raised only when it grows to `regrown` times its area.
    A raised event closes after `open_s` seconds without a sighting, a candidate after `window_s`, a standing one after
    `forget_s`.
    """

    hazard: Hazard
    sightings: int
    frames: int
    window_s: float
    open_s: float
    confidence: float = 0.0
    sure: float = NEVER
    plain: float = 0.0
    grown: float = 1.0
    dwell_s: float = 0.0
    link_iou: float = 0.1
    link_distance: float = 0.05
    link_s: float = float("inf")
    steady_iou: float = NEVER
    steady_sightings: int = 6
    standing_s: float = 600.0
    regrown: float = 2.0
    forget_s: float = 86_400.0

    def __post_init__(self) -> None:
        if not 1 <= self.sightings <= self.frames:
            raise ValueError(f"{self.hazard}: sightings lies between 1 and frames, got {self.sightings} of {self.frames}")
        if min(self.window_s, self.open_s, self.link_s, self.standing_s, self.forget_s) <= 0 or self.dwell_s < 0:
            raise ValueError(f"{self.hazard}: window_s, open_s, link_s, standing_s and forget_s are seconds above 0")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"{self.hazard}: confidence lies between 0 and 1, got {self.confidence}")
        if self.steady_sightings < 2 or self.regrown <= 1:
            raise ValueError(f"{self.hazard}: steady_sightings is at least 2, regrown above 1")


class Variant(StrEnum):
    """What a rule can be written for beside the general one; a later one wins over an earlier."""

    THERMAL = "thermal"
    TURNING = "turning"
    MOVING = "moving"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Policies:
    """`rules`: for each hazard, the policy of every set of variants that may hold together."""

    rules: Mapping[tuple[Hazard, frozenset[Variant]], Policy]

    @classmethod
    def plain(cls, rules: Mapping[Hazard, Policy]) -> Policies:
        """The same by day and by night, for every camera."""
        return cls({(hazard, frozenset()): policy for hazard, policy in rules.items()})

    def of(self, hazard: Hazard, camera: Camera, dark: bool = False) -> Policy:
        """The rule for `camera`; dark: whether it is night where it stands."""
        found = self.rules.get((hazard, variants_of(camera, dark)))
        return found or self.rules[hazard, frozenset()]

    def most_patient(self, hazard: Hazard) -> Policy:
        """The rule of this hazard that waits longest before it closes an event."""
        return max((rule for (key, _), rule in self.rules.items() if key is hazard), key=lambda rule: rule.open_s)

    def floor(self, hazard: Hazard) -> float:
        """The least score that any rule of this hazard counts."""
        return min(rule.confidence for (key, _), rule in self.rules.items() if key is hazard)


def variants_of(camera: Camera, dark: bool) -> frozenset[Variant]:
    holds = {
        Variant.THERMAL: camera.kind is Kind.THERMAL, Variant.TURNING: camera.mount is Mount.TURNING,
        Variant.MOVING: camera.mount is Mount.MOVING, Variant.NIGHT: dark,
    }  # fmt: skip
    return frozenset(variant for variant, does in holds.items() if does)
