"""A database in which so many raised events wait, written through the adapters that the service itself uses."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ulid import ULID

from balefire.adapters.database import migrate, open_database
from balefire.adapters.frames import open_frames
from balefire.domain.camera import Camera
from balefire.domain.detection import Detection, Hazard
from balefire.domain.event import Event, EventState, Sighting
from balefire.domain.frame import Frame, FrameStatus, Keep
from balefire.domain.geometry import Box
from balefire.flows.ports import Work
from balefire.settings import Settings
from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene

CAMERAS = 200
FRAMES = 4  # of each event
PICTURES = 24  # rendered once; the events show them in turn
AT_ONCE = 500
A_DAY_S = 86_400
EVERY, SEVERAL = 10, 3  # each tenth place has three events
SIDE, GROWTH = 0.05, 0.02  # of a box, in shares of the picture


def fill(state: Path, places: int, seed: int = 0) -> int:
    """So many rows in the queue of a service that has not started yet. Returns the number of events."""
    state.mkdir(parents=True, exist_ok=True)
    settings = Settings(state=state)
    migrate(settings.database())
    database, chance = open_database(settings.database()), random.Random(seed)
    keys = _pictures(settings.frames())
    with database.begin() as work:
        work.cameras.add_all([Camera(f"mast-{n:03}", f"缙云山 Mast {n:03}") for n in range(CAMERAS)])
    written = 0
    for first in range(0, places, AT_ONCE):
        with database.begin() as work:
            for place in range(first, min(first + AT_ONCE, places)):
                written += _place(work, place, keys, chance)
    database.close()
    return written


def _pictures(frames: str) -> list[str]:
    store, street = open_frames(frames, reserve_bytes=0), scene("street", seed=1, starts_s=0.0)
    keys = [f"bench/{number:02}.jpg" for number in range(PICTURES)]
    for number, key in enumerate(keys):
        store.put(key, to_jpeg(street.frame(20.0 + number)))
    return keys


def _place(work: Work, place: int, keys: Sequence[str], chance: random.Random) -> int:
    """The events of one place, raised some time in the last day."""
    camera = f"mast-{chance.randrange(CAMERAS):03}"
    ended_at = datetime.now(UTC) - timedelta(seconds=chance.uniform(60, A_DAY_S))
    hazards = chance.sample(list(Hazard), SEVERAL) if place % EVERY == 0 else [chance.choice(list(Hazard))]
    times = [ended_at - timedelta(seconds=5 * n) for n in reversed(range(FRAMES))]
    frames = [_frame(camera, at, keys[(place * FRAMES + n) % len(keys)]) for n, at in enumerate(times)]
    for frame in frames:
        work.frames.add(frame)
    group, x, y = "", chance.uniform(0.1, 0.8), chance.uniform(0.1, 0.8)
    for hazard in hazards:
        event_id = str(ULID())
        group = group or event_id
        seen = [Sighting(frame.id, frame.captured_at, _seen(hazard, x, y, n, chance)) for n, frame in enumerate(frames)]
        reason = f"{FRAMES} of {FRAMES} sightings in {5 * (FRAMES - 1)} s"
        event = Event(event_id, camera, hazard, group, times[0], times[0], EventState.RAISED, reason, raised_at=times[-1])
        for sighting in seen:
            event.observe(sighting)
        work.events.add(event)
        work.events.link_frames(event_id, [frame.id for frame in frames])
    return len(hazards)


def _frame(camera: str, at: datetime, key: str) -> Frame:
    row = str(ULID())
    return Frame(
        id=row, frame_id=row, camera=camera, captured_at=at, received_at=at, status=FrameStatus.ACCEPTED, answer="{}",
        width=1280, height=720, picture=key, picture_sha256="0" * 64, keep=Keep.EVENT,
    )  # fmt: skip


def _seen(hazard: Hazard, x: float, y: float, n: int, chance: random.Random) -> Detection:
    side = SIDE + GROWTH * n * chance.random()
    return Detection(hazard, hazard, round(chance.uniform(0.3, 0.98), 2), Box(x, y, x + side, y + side), "fire@1.0.0")
