"""What operators decided, as a labelled set to train on: pictures, YOLO labels, and where each of them comes from.

`python -m training.data import` takes such a folder in; `--scene '^(.+)_'` keeps the pictures of one camera together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.detection import Hazard
from balefire.domain.errors import UnknownFrame
from balefire.domain.event import Event
from balefire.domain.frame import Frame
from balefire.domain.geometry import Box
from balefire.domain.review import Review, counting
from balefire.domain.sample import Sample, Seen, sample
from balefire.flows import wire
from balefire.flows.ports import Database, EventFilter, FrameStore, Work

PAGE = 50  # events that are read at a time


@dataclass(frozen=True, slots=True)
class Wanted:
    """`since`: decided at or after that time."""

    hazards: tuple[Hazard, ...] = tuple(Hazard)
    camera: str | None = None
    since: datetime | None = None
    within: Reach = EVERYWHERE


@dataclass(slots=True)
class Counts:
    """`unclear`: something on the picture was not decided; `gone`: retention has removed it."""

    boxes: int = 0
    pictures: int = 0
    backgrounds: int = 0
    by_hand: int = 0
    unclear: int = 0
    gone: int = 0


def labelled_set(database: Database, store: FrameStore, wanted: Wanted, counts: Counts) -> Iterator[tuple[str, bytes]]:
    """Files by path, one picture in memory at a time; `counts` is filled on the way."""
    origins: list[str] = []
    for one in samples(database, wanted, counts):
        try:
            picture = store.get(one.frame.picture or "")
        except UnknownFrame:  # the purge was faster
            counts.gone += 1
            continue
        name = f"{one.frame.camera}_{one.frame.id}"
        yield f"images/{name}.jpg", picture
        yield f"labels/{name}.txt", "".join(_line(wanted.hazards, *label) for label in one.labels).encode()
        origins.append(json.dumps(_origin(one, name), ensure_ascii=False) + "\n")
        _count(counts, one)
    names = "".join(f"  {number}: {hazard}\n" for number, hazard in enumerate(wanted.hazards))
    yield "data.yaml", f"path: .\ntrain: images\nnames:\n{names}".encode()
    yield "origin.jsonl", "".join(origins).encode()


def samples(database: Database, wanted: Wanted, counts: Counts) -> Iterator[Sample]:
    """Every picture of a decided event that shows it, once, the newest events first."""
    done: set[str] = set()
    after: str | None = None
    while True:
        with database.read() as work:
            asked = EventFilter(camera=wanted.camera, reviewed=True, after=after, limit=PAGE, within=wanted.within)
            page = work.events.page(asked)
            reviews = work.reviews.of(event.id for event in page)
            found = [
                one for event in page if _asked(event, reviews[event.id], wanted) for one in _of(work, event, done, counts)
            ]
        for frame, seen in found:
            taught = sample(frame, seen, wanted.hazards)
            if taught is None:
                counts.unclear += 1
            else:
                yield taught
        if len(page) < PAGE:
            return
        after = page[-1].id


def _asked(event: Event, reviews: Sequence[Review], wanted: Wanted) -> bool:
    last = counting(reviews)[-1:]  # none where it was taken back a moment ago
    return bool(last) and event.hazard in wanted.hazards and (wanted.since is None or last[0].at >= wanted.since)


def _of(work: Work, event: Event, done: set[str], counts: Counts) -> list[tuple[Frame, list[Seen]]]:
    """The frames of an event that show it or whose boxes a person set, each with all that it belongs to."""
    frames = {frame.id: frame for frame in work.events.frames_of(event.id) if frame.id not in done}
    told = work.events.seen_in(list(frames))
    reviews = work.reviews.of({event_id for found in told.values() for event_id in found})
    taught: list[tuple[Frame, list[Seen]]] = []
    for row, found in told.items():
        seen = [Seen(event_id, tuple(shown), tuple(reviews.get(event_id, ()))) for event_id, shown in found.items()]
        if not found.get(event.id) and not any(one.sets(row) for one in seen):
            continue
        done.add(row)
        if frames[row].picture is None:
            counts.gone += 1
        else:
            taught.append((frames[row], seen))
    return taught


def _line(classes: Sequence[Hazard], hazard: Hazard, box: Box) -> str:
    """`class cx cy w h`, shares of the picture."""
    (cx, cy), width, height = box.centre, box.x2 - box.x1, box.y2 - box.y1
    return f"{classes.index(hazard)} {cx:.10f} {cy:.10f} {width:.10f} {height:.10f}\n"


def _origin(one: Sample, name: str) -> wire.Json:
    """Where a picture and its labels come from. No names of people: who decided stands in the service's own log."""
    return {
        "picture": f"images/{name}.jpg", "camera": one.frame.camera, "frame": one.frame.id,
        "captured_at": wire.time(one.frame.captured_at), "boxes_by": "person" if one.by_hand else "detector",
        "bundles": sorted({found.bundle for found in one.frame.detections}),
        "decisions": [
            {"event": review.event, "verdict": review.verdict, "reason": review.reason, "at": wire.time(review.at)}
            for review in one.reviews
        ],
    }  # fmt: skip


def _count(counts: Counts, one: Sample) -> None:
    counts.pictures += 1
    counts.boxes += len(one.labels)
    counts.backgrounds += not one.labels
    counts.by_hand += one.by_hand
