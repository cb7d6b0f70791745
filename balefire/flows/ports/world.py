"""What is no database: pictures, detectors, the sun and the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from balefire.domain.camera import Camera, Position
from balefire.domain.detection import Detection
from balefire.domain.glance import Glance


class FrameStore(Protocol):
    """Pictures by key. Blocking; called in threads. Raises StoreFull where there is no room."""

    def put(self, key: str, data: bytes) -> None: ...

    def get(self, key: str) -> bytes:
        """Raises UnknownFrame."""

    def delete(self, keys: Sequence[str]) -> None:
        """Keys that are not there are passed over."""

    def used_bytes(self) -> int: ...

    def check_room(self) -> None:
        """Raises StoreFull where the next picture would not fit."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What looking at one picture gave. Size in pixels after rotation; times in milliseconds.

    `stored` is the JPEG to keep (privacy masks applied, never the raw bytes of another format). `faint`: detections below
    their bundle's thresholds that a policy may count all the same. `glance`: where it was asked for.
    """

    width: int
    height: int
    detections: tuple[Detection, ...]
    stored: bytes
    timing_ms: dict[str, float]
    faint: tuple[Detection, ...] = ()
    glance: Glance | None = None


class Eye(Protocol):
    """Looks at pictures: the engine and its detectors."""

    def look(self, picture: bytes, camera: Camera, captured_at: datetime, backfill: bool, glance: bool) -> Awaitable[Seen]:
        """glance: say, too, what the picture as such tells of the camera.

        Raises QueueFull, Replaced, and BadInput for what is no picture.
        """

    def bundles(self) -> list[dict[str, str]]:
        """name, version and sha256 of each detector that runs."""


class Sky(Protocol):
    """Where the sun stands."""

    def is_dark(self, position: Position, at: datetime) -> bool:
        """Whether it is night there: the sun lies more than 6° below the horizon."""

    def is_twilight(self, position: Position, at: datetime) -> bool:
        """Whether the sun lies within 6° of the horizon."""


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC-aware."""
