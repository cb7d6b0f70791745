"""A person decides: one more review of an event, told to everyone who looks."""

from __future__ import annotations

from collections.abc import Sequence

from ulid import ULID

from balefire.domain.errors import BadInput
from balefire.domain.event import Event
from balefire.domain.review import Review, ReviewBox, Verdict
from balefire.flows import wire
from balefire.flows.audit import record
from balefire.flows.dispatch import tell_event
from balefire.flows.ports import Clock, Database


def decide(
    database: Database,
    clock: Clock,
    event_id: str,
    verdict: Verdict,
    by: str,
    reason: str = "",
    note: str = "",
    boxes: Sequence[ReviewBox] = (),
) -> tuple[Event, list[Review]]:
    """Append a review and tell the stream. Raises UnknownEvent, and BadInput for a box on a frame of another event."""
    with database.begin() as work:
        event = work.events.get(event_id)
        foreign = {box.frame for box in boxes} - {frame.id for frame in work.events.frames_of(event_id)}
        if foreign:
            raise BadInput(f"frame {sorted(foreign)[0]} is not one of event {event_id}")
        now = clock.now()
        work.reviews.add(Review(str(ULID()), event_id, verdict, reason, note, by, now, tuple(boxes)))
        reviews = work.reviews.of([event_id])[event_id]
        before = {"verdict": reviews[-2].verdict} if len(reviews) > 1 else None
        record(work, now, by, "event.review", event_id, before, {"verdict": verdict, "reason": reason, "note": note})
        work.changes.add("event", event_id, wire.review_body(event, reviews), now)
        tell_event(work, event, "reviewed", now)
    return event, reviews
