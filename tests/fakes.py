"""Fakes at the ports, to be read in one go. Nothing of our own code is faked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from balefire.domain.camera import Camera
from balefire.domain.detection import Detection
from balefire.domain.errors import Replaced, UnknownFrame
from balefire.domain.glance import Glance
from balefire.flows.ports import Seen
from tests.builders import NOON


@dataclass
class FakeClock:
    """Stands still until a test moves it."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class FakeEye:
    """Sees what the test says, in turn; `b"replaced"` gives way to a newer frame. `glance`: of every picture that is judged."""

    sees: list[tuple[Detection, ...]] = field(default_factory=list)
    backfill: list[bool] = field(default_factory=list)
    glance: Glance | None = None

    async def look(self, picture: bytes, camera: Camera, captured_at: datetime, backfill: bool, glance: bool) -> Seen:
        self.backfill.append(backfill)
        if picture == b"replaced":
            raise Replaced("a newer frame took its place")
        found = self.sees.pop(0) if self.sees else ()
        return Seen(640, 360, found, picture, {"total": 1.0}, glance=self.glance if glance else None)

    def bundles(self) -> list[dict[str, str]]:
        return [{"name": "fire", "version": "0.0.0", "sha256": ""}]


@dataclass
class FakeStore:
    """Pictures in a dict."""

    pictures: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, data: bytes) -> None:
        self.pictures[key] = data

    def get(self, key: str) -> bytes:
        try:
            return self.pictures[key]
        except KeyError as error:
            raise UnknownFrame(key) from error

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.pictures.pop(key, None)

    def used_bytes(self) -> int:
        return sum(len(data) for data in self.pictures.values())

    def check_room(self) -> None:
        return None
