"""What callers send: bodies, headers and the principal, typed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from balefire.domain.access import Principal, Role, Scope
from balefire.domain.camera import Camera, Kind, Mount, Position, Tiles
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadBox, BadInput, NaiveTime
from balefire.domain.geometry import Box, Polygon
from balefire.domain.review import Reason, ReviewBox, Verdict
from balefire.domain.units import UnitKind
from balefire.domain.zone import IgnoreZone
from serving.house import House
from serving.problems import problem

MOST_BOXES = 2_000  # of one review


class Forbidden(Exception):
    """This principal lacks the scope. Becomes 403."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"needs the scope {scope}")
        self.body = problem(403, "forbidden", str(self))


async def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


TheHouse = Annotated[House, Depends(house)]


class Needs:
    """A dependency: the principal, who must hold `scope`."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Principal:
        principal: Principal = request.scope["principal"]
        if not principal.may(self.scope):
            raise Forbidden(self.scope)
        return principal


def parse_time(text: str | None, what: str) -> datetime | None:
    """RFC 3339. Raises BadInput, and NaiveTime where the offset is missing."""
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{what} is not an RFC 3339 time: {text[:64]!r}") from error
    if value.tzinfo is None:
        raise NaiveTime(f"{what} has no offset: write 2026-01-31T08:00:00+08:00 or …Z")
    return value


class Body(BaseModel):
    """Unknown keys are refused: a misspelt one would be a silent no."""

    model_config = ConfigDict(extra="forbid")


class PositionBody(Body):
    lon: float
    lat: float
    alt_m: float | None = None


class IgnoreZoneBody(Body):
    """As the camera's own answer shows it: what is read can be sent back."""

    polygon: list[tuple[float, float]]
    owner: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=500)
    until: datetime
    id: str = Field(default="", max_length=26)
    since: datetime | None = None
    trial_until: datetime | None = None
    confirmed_by: str = Field(default="", max_length=200)
    hazard: Hazard | None = None
    preset: str | None = Field(default=None, max_length=63)
    event: str | None = Field(default=None, max_length=26)

    def value(self) -> IgnoreZone:
        """Raises NaiveTime."""
        for at in (self.until, self.since, self.trial_until):
            _aware(at or self.until)
        return IgnoreZone(**{**dict(self), "polygon": _polygon(self.polygon)})


class ZoneBody(Body):
    """A zone drawn on an event: it has an end, and its owner is whoever draws it."""

    polygon: list[tuple[float, float]] = Field(max_length=64)
    reason: str = Field(min_length=1, max_length=500, pattern=r"\S")
    until: datetime
    every_hazard: bool = False

    def shape(self) -> Polygon:
        return _polygon(self.polygon)

    def end(self) -> datetime:
        return _aware(self.until)


class RenewalBody(Body):
    until: datetime

    def end(self) -> datetime:
        return _aware(self.until)


class CameraPatch(Body):
    """What may change later; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    unit: str | None = None
    position: PositionBody | None = None
    azimuth_deg: float | None = Field(default=None, ge=0, lt=360)
    fov_deg: float | None = Field(default=None, gt=0, le=360)
    mount: Mount | None = None
    kind: Kind | None = None
    detectors: list[str] | None = None
    privacy_masks: list[list[tuple[float, float]]] | None = None
    ignore_zones: list[IgnoreZoneBody] | None = None
    retired_at: datetime | None = None
    tiles: Tiles | None = None

    def values(self) -> dict[str, object]:
        """Only what was sent, as the domain's values. Raises BadInput, NaiveTime."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if self.position is not None:
            sent["position"] = Position(self.position.lon, self.position.lat, self.position.alt_m)
        if self.detectors is not None:
            sent["detectors"] = tuple(self.detectors)
        if self.privacy_masks is not None:
            sent["privacy_masks"] = tuple(_polygon(mask) for mask in self.privacy_masks)
        if self.ignore_zones is not None:
            sent["ignore_zones"] = tuple(zone.value() for zone in self.ignore_zones)
        if self.retired_at is not None:
            sent["retired_at"] = _aware(self.retired_at)
        required = {"name", "mount", "kind", "detectors", "privacy_masks", "ignore_zones", "tiles"}
        return {name: value for name, value in sent.items() if not (value is None and name in required)}


class CameraBody(CameraPatch):
    id: str = Field(pattern=r"^[a-z0-9-]{1,63}$")

    def camera(self) -> Camera:
        values = self.values()
        values.setdefault("name", self.id)
        return Camera(**values)  # type: ignore[arg-type]


class ReviewBoxBody(Body):
    frame: str
    hazard: Hazard
    box: tuple[float, float, float, float]

    def value(self) -> ReviewBox:
        try:
            return ReviewBox(self.frame, self.hazard, Box(*self.box))
        except ValueError as error:
            raise BadBox(str(error)) from error


class ReviewBody(Body):
    verdict: Verdict
    reason: Reason | None = None
    note: str = Field(default="", max_length=4000)
    boxes: list[ReviewBoxBody] = Field(default=[], max_length=MOST_BOXES)
    frames: list[str] = Field(default=[], max_length=MOST_BOXES)
    expects: str | None = Field(default=None, max_length=26)


class GroupReviewBody(Body):
    verdict: Verdict
    reason: Reason | None = None
    note: str = Field(default="", max_length=4000)
    expects: dict[str, Annotated[str, Field(max_length=26)]] | None = Field(default=None, min_length=1, max_length=1000)


class ViewBody(Body):
    address: str = Field(max_length=2000)


class KeyBody(Body):
    name: str = Field(min_length=1, max_length=100)
    scopes: list[Scope] = Field(min_length=1)
    camera: str | None = None
    unit: str | None = None  # an id or a code, as everywhere


class UserBody(Body):
    name: str = Field(min_length=1, max_length=100)
    role: Role
    password: str = Field(min_length=12, max_length=200)
    unit: str | None = None


class UserPatch(Body):
    """What may change later; what is left out stays. `unit: null`: the whole house."""

    role: Role | None = None
    unit: str | None = None
    password: str | None = Field(default=None, min_length=12, max_length=200)
    disabled: bool | None = None


class UnitPatch(Body):
    name: str | None = Field(default=None, min_length=1, max_length=200)
    kind: UnitKind | None = None
    parent: str | None = None


class UnitBody(Body):
    code: str = Field(pattern=r"^[a-z0-9-]{1,63}$")
    name: str = Field(min_length=1, max_length=200)
    kind: UnitKind
    parent: str | None = None


class DrillBody(Body):
    name: str = Field(min_length=1, max_length=100)


def _polygon(points: list[tuple[float, float]]) -> Polygon:
    return tuple((x, y) for x, y in points)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise NaiveTime("times carry an offset: 2026-01-31T08:00:00+08:00 or …Z")
    return value
