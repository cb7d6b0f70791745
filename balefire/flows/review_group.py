"""One decision for all that waits at one place, and taking it back: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from ulid import ULID

from balefire.domain.access import Principal, Scope
from balefire.domain.errors import BadInput, UnknownEvent, UnknownGroup
from balefire.domain.event import Event
from balefire.domain.review import (
    DecidedMeanwhile,
    Reason,
    Review,
    UndoRefused,
    Verdict,
    check_expected,
    check_undo,
    counting,
    verdict_of,
)
from balefire.flows.access import require_event
from balefire.flows.ports import Clock, Database, QueueRow, Work
from balefire.flows.review import append_review

Reviewed = list[tuple[Event, list[Review]]]


def decide_group(
    database: Database,
    clock: Clock,
    group: str,
    verdict: Verdict,
    by: Principal,
    reason: Reason | None = None,
    note: str = "",
    expects: Mapping[str, str] | None = None,
) -> Reviewed:
    """A review for each event, with one time for all, in one transaction.

    `expects`: the events that this person saw, each with the id of its last row, empty for none; what came since goes on
    waiting. None: all that waits. Raises UnknownGroup, BadInput for an event of another group, DecidedMeanwhile.
    """
    with database.begin() as work:
        events = {event.id: event for event in _members(work, group, by)}
        foreign = sorted(set(expects or ()) - set(events))
        if foreign:
            raise BadInput(f"event {foreign[0][:26]} is not one of group {group}")
        wanted = sorted(events if expects is None else expects)  # the same order everywhere: two at once take turns
        earlier = {one: work.reviews.hold(one) for one in wanted}
        for one, last in (expects or {}).items():
            check_expected(earlier[one], last)
        if expects is None:
            earlier = {one: known for one, known in earlier.items() if verdict_of(known) is None}
        if not earlier:
            raise DecidedMeanwhile(f"nothing of group {group} waits")
        now, said = clock.now(), {"verdict": verdict, "reason": reason or "", "note": note, "group": group}
        return [
            (events[one], append_review(
                work, events[one], known, Review(str(ULID()), one, verdict, reason or "", note, by.name, now),
                "event.review", said,
            ))
            for one, known in earlier.items()
        ]  # fmt: skip


def undo_group(database: Database, clock: Clock, group: str, review_id: str, by: Principal) -> Reviewed:
    """Take back the decision that this review is part of, of every event for which it still counts.

    Raises UnknownGroup, UndoRefused.
    """
    with database.begin() as work:
        events = {event.id: event for event in _members(work, group, by)}
        earlier = {one: work.reviews.hold(one) for one in events}
        named = next((r for reviews in earlier.values() for r in reviews if r.id == review_id), None)
        if named is None:
            raise UndoRefused("only the last decision that still counts can be taken back")
        now, commands = clock.now(), by.may(Scope.COMMAND)
        check_undo(earlier[named.event], review_id, by.name, commands, now)
        done: Reviewed = []
        for one, known in earlier.items():
            last = next(iter(counting(known)[-1:]), None)
            if last is None or (last.by, last.at, last.verdict) != (named.by, named.at, named.verdict):
                continue
            back = Review(str(ULID()), one, last.verdict, last.reason, "", by.name, now, undoes=last.id)
            said = {"review": last.id, "verdict": verdict_of([*known, back]), "group": group}
            done.append((events[one], append_review(work, events[one], known, back, "event.undo", said)))
        return done


def waiting_at(work: Work, group: str, by: Principal) -> QueueRow:
    """No events where all of them were decided. Raises UnknownGroup."""
    events = _members(work, group, by)
    reviews = work.reviews.of(event.id for event in events)
    events.sort(key=lambda event: (event.queue_at or event.started_at, event.id))
    waiting = [event for event in events if verdict_of(reviews.get(event.id, [])) is None]
    first = (waiting or events)[0]
    return QueueRow(group, first.queue_at or first.started_at, waiting)


def _members(work: Work, group: str, by: Principal) -> list[Event]:
    """Raises UnknownGroup, also where the camera is not theirs: a group is of one camera."""
    events = work.queue.of(group)
    try:
        require_event(work, by, events[0])
    except (IndexError, UnknownEvent) as error:
        raise UnknownGroup(f"no group {group[:26]}") from error
    return events
