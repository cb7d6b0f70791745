"""Cameras: what is known of each, of its stream, of its frames and of what ails it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.camera import Camera
from balefire.domain.clock import CameraClock
from balefire.domain.frame import Frame, Keep
from balefire.domain.health import Fault, Sight, Spell
from balefire.domain.senders import Senders


@dataclass(frozen=True, slots=True)
class CameraPulse:
    """What is known of a camera's stream. All None before its first frame. `last_new_at`: last picture that differed.

    `faults`: those that hold, the worst first. `looked_at`: when a picture was last judged as such, by its capture time.
    `unjudged`: faults of sight that its pictures do not show, were they so: too few edges, or no view learnt yet.
    `interval_s`: usual seconds between frames. Frames that came in the minute that began at `minute_at`, and in the one before.
    """

    camera: str
    last_frame_at: datetime | None = None  # received
    last_new_at: datetime | None = None
    last_captured_at: datetime | None = None
    last_picture_sha256: str = ""
    last_reference_at: datetime | None = None
    clock: CameraClock = field(default_factory=CameraClock)
    frames: int = 0
    faults: tuple[Fault, ...] = ()
    looked_at: datetime | None = None
    unjudged: tuple[Fault, ...] = ()
    interval_s: float = 0.0
    minute_at: datetime | None = None
    minute_frames: int = 0
    minute_before: int = 0
    senders: Senders = field(default_factory=Senders)


class Cameras(Protocol):
    def add(self, camera: Camera) -> None:
        """Raises Conflict where the id is taken."""

    def add_all(self, cameras: Sequence[Camera]) -> None:
        """Thousands at once. Raises Conflict where an id is taken."""

    def save(self, camera: Camera) -> None:
        """Replace. Raises UnknownCamera."""

    def get(self, camera_id: str) -> Camera:
        """Raises UnknownCamera."""

    def all(self, after: str | None = None, limit: int = 1000, within: Reach = EVERYWHERE) -> list[Camera]:
        """By id."""

    def reached(self, camera_ids: Iterable[str], within: Reach) -> set[str]:
        """Those of these cameras that exist and that `within` reaches: one query, however many."""

    def with_zones(self, within: Reach = EVERYWHERE) -> list[Camera]:
        """Those that have an ignore zone and are not retired, by id."""

    def lock(self, camera_id: str) -> CameraPulse:
        """Serialise observing per camera until the transaction ends (FOR UPDATE). Raises UnknownCamera."""

    def pulse(self, camera_id: str) -> CameraPulse:
        """Without a lock. Raises UnknownCamera."""

    def with_pulse(self, camera_id: str) -> tuple[Camera, CameraPulse]:
        """Both at once, without a lock. Raises UnknownCamera."""

    def save_pulse(self, pulse: CameraPulse) -> None: ...

    def pulses(
        self,
        after: str | None = None,
        limit: int | None = None,
        within: Reach = EVERYWHERE,
        retired: bool | None = None,
        faulty: bool | None = None,
    ) -> list[CameraPulse]:
        """By camera. retired, faulty: only those, or only the others; None: both."""


class Health(Protocol):
    """Whether cameras see: spans in which something was wrong, and what each usually looks like."""

    def begin(self, spell: Spell) -> None: ...

    def end(self, camera: str, fault: Fault, at: datetime) -> Spell | None:
        """The span that lasted until now, ended; None where there was none."""

    def resume(self, camera: str, fault: Fault, ended_since: datetime) -> Spell | None:
        """The newest span of this fault, where it ended since then: it lasts again. None where there is none."""

    def between(self, since: datetime, until: datetime, cameras: Sequence[str]) -> list[Spell]:
        """Spans that touch [since, until], by their beginning."""

    def sight(self, camera: str) -> Sight: ...

    def save_sight(self, camera: str, sight: Sight) -> None: ...


class Frames(Protocol):
    def add(self, frame: Frame) -> None: ...

    def get(self, frame_row: str) -> Frame:
        """By our id. Raises UnknownFrame."""

    def find(self, camera: str, frame_id: str) -> Frame | None:
        """By the camera's id of it: was this frame here before?"""

    def times_before(self, camera: str, captured_at: datetime, limit: int, preset: str | None = None) -> list[datetime]:
        """Capture times of the newest `limit` frames at or before `captured_at` that are evidence (accepted or late), and
        were taken in that preset."""

    def between(self, camera: str, since: datetime, until: datetime, preset: str | None, limit: int) -> list[Frame]:
        """The first `limit` frames captured in [since, until] in that preset, whatever their status; by arrival."""

    def newest_picture(self, camera: str) -> Frame | None:
        """The newest frame whose picture is still there."""

    def minutes_watched(self, since: datetime, until: datetime, within: Reach = EVERYWHERE) -> dict[str, int]:
        """By camera, the minutes of [since, until) in which it sent a frame; cameras without any are left out."""

    def in_ring(self, camera: str, since: datetime, until: datetime) -> list[Frame]:
        """Frames with a picture, captured in [since, until], in order."""

    def keep(self, rows: Sequence[str], keep: Keep) -> None: ...

    def expired_ring(self, before: datetime, limit: int) -> list[Frame]:
        """Ring frames that still have a picture and were received before `before`."""

    def unlinked(self, before: datetime, limit: int) -> list[Frame]:
        """Frames kept for an event that no event refers to any more, received before `before`, with a picture."""

    def old_references(self, before: datetime, limit: int) -> list[Frame]: ...

    def forget_pictures(self, rows: Sequence[str]) -> None:
        """The pictures are gone: clear key and keep."""

    def thin(self, before: datetime) -> int:
        """Delete rows received before `before` that have no picture, no event, and are not first of their minute."""
