"""Frames that were looked at before, taken once more by the very `Watch` that serves, on a clock of their own.

For footage whose outcome is to be judged or explained: no picture is decoded or stored, and an hour takes seconds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from balefire.domain.camera import Camera
from balefire.domain.errors import UnknownFrame
from balefire.domain.event import Event
from balefire.domain.policy import Policies
from balefire.flows.ports import Database, EventFilter, Seen
from balefire.flows.watch import Incoming, Watch


@dataclass(frozen=True, slots=True)
class Take:
    """One frame: when it was captured, what was seen, and a mark that is the same for the same picture."""

    captured_at: datetime
    seen: Seen
    mark: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """`answers`: what each frame was answered; `events`: all that began, with their sightings, by their start."""

    answers: list[dict[str, Any]]
    events: list[Event]


@dataclass(slots=True)
class StandStill:
    """A clock that is moved by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class RememberedEye:
    """Answers with what was seen; the picture's bytes are the frame's number."""

    seen: Sequence[Seen]
    known_bundles: list[dict[str, str]] = field(default_factory=list)

    async def look(self, picture: bytes, camera: Camera, captured_at: datetime, backfill: bool, glance: bool) -> Seen:
        return self.seen[int(picture.split()[0])]

    def bundles(self) -> list[dict[str, str]]:
        return self.known_bundles


class NoPictures:
    """A frame store that keeps nothing."""

    def put(self, key: str, data: bytes) -> None: ...

    def get(self, key: str) -> bytes:
        raise UnknownFrame(f"{key}: a rehearsal keeps no pictures")

    def delete(self, keys: Sequence[str]) -> None: ...

    def used_bytes(self) -> int:
        return 0

    def check_room(self) -> None: ...


def rehearse(database: Database, camera: Camera, takes: Sequence[Take], policies: Policies) -> Rehearsed:
    """Let `camera`, which `database` must not know yet, send `takes` in order."""
    with database.begin() as work:
        work.cameras.add(camera)
    return asyncio.run(_rehearse(database, camera, takes, policies))


async def _rehearse(database: Database, camera: Camera, takes: Sequence[Take], policies: Policies) -> Rehearsed:
    clock = StandStill(takes[0].captured_at)
    eye = RememberedEye([take.seen for take in takes])
    answers: list[dict[str, Any]] = []
    with ThreadPoolExecutor(1) as thread:
        watch = Watch(database, NoPictures(), eye, policies, clock, thread)
        for number, take in enumerate(takes):
            clock.at = max(clock.at, take.captured_at)  # a frame that comes late comes after those before it
            # The same picture has the same bytes, so that a frozen stream is seen as one.
            first = next(earlier for earlier, other in enumerate(takes) if other.mark == take.mark)
            picture = f"{number if take.mark != takes[first].mark else first} {take.mark}".encode()
            answer = await watch.take(Incoming(camera.id, picture, clock.at, f"{number}", take.captured_at))
            answers.append(json.loads(answer.body))
    with database.read() as work:
        known = work.events.page(EventFilter(camera=camera.id, limit=100_000))
        events = [work.events.get(event.id) for event in known]
    return Rehearsed(answers, sorted(events, key=lambda event: event.started_at))
