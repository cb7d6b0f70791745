"""A person decides or takes a decision back: one more row of an event, told to everyone who looks."""

from __future__ import annotations

from collections.abc import Sequence

from ulid import ULID

from balefire.domain.errors import BadInput
from balefire.domain.event import Event
from balefire.domain.review import Reason, Review, ReviewBox, Verdict, check_expected, check_undo, verdict_of
from balefire.flows import wire
from balefire.flows.audit import record
from balefire.flows.dispatch import tell_event
from balefire.flows.ports import Clock, Database, Work


def decide(
    database: Database,
    clock: Clock,
    event_id: str,
    verdict: Verdict,
    by: str,
    reason: Reason | None = None,
    note: str = "",
    boxes: Sequence[ReviewBox] = (),
    expects: str | None = None,
    frames: Sequence[str] = (),
) -> tuple[Event, list[Review]]:
    """Append a review and tell the stream.

    `expects`: the id of the last row that this person saw, empty for none; None: decide whatever was decided.
    `frames`: those whose boxes are all in `boxes`, one without any shows no hazard; those of the boxes are always among them.
    Raises UnknownEvent, DecidedMeanwhile, and BadInput for a frame of another event.
    """
    with database.begin() as work:
        earlier = work.reviews.hold(event_id)
        if expects is not None:
            check_expected(earlier, expects)
        event = work.events.get(event_id)
        whole = tuple(dict.fromkeys([*frames, *(box.frame for box in boxes)]))
        foreign = set(whole) - {frame.id for frame in work.events.frames_of(event_id)}
        if foreign:
            raise BadInput(f"frame {sorted(foreign)[0]} is not one of event {event_id}")
        review = Review(str(ULID()), event_id, verdict, reason or "", note, by, clock.now(), tuple(boxes), frames=whole)
        said = {"verdict": verdict, "reason": review.reason, "note": note}
        return event, append_review(work, event, earlier, review, "event.review", said)


def undo(
    database: Database, clock: Clock, event_id: str, review_id: str, by: str, commands: bool = False
) -> tuple[Event, list[Review]]:
    """Take a decision back by a further row: the one before it counts again, or the event waits.

    `commands`: may take back what others decided. Raises UnknownEvent, UndoRefused.
    """
    with database.begin() as work:
        earlier = work.reviews.hold(event_id)
        event, now = work.events.get(event_id), clock.now()
        gone = check_undo(earlier, review_id, by, commands, now)
        review = Review(str(ULID()), event_id, gone.verdict, gone.reason, "", by, now, undoes=gone.id)
        return event, append_review(
            work, event, earlier, review, "event.undo", {"review": gone.id, "verdict": verdict_of([*earlier, review])}
        )


def append_review(work: Work, event: Event, earlier: list[Review], review: Review, what: str, said: wire.Json) -> list[Review]:
    """Write one more review, and tell of it: the audit log, the stream, the outside. Returns all of them."""
    work.reviews.add(review)
    reviews = [*earlier, review]
    before = {"verdict": verdict_of(earlier)} if earlier else None
    record(work, review.at, review.by, what, event.id, before, said)
    work.changes.add("event", event.id, wire.review_body(event, reviews), review.at)
    tell_event(work, event, "reviewed", review.at)
    return reviews
