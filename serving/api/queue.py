"""What waits for a decision: a row for each place, the most urgent first, and one decision for all of a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from balefire.domain.access import Principal, Scope
from balefire.domain.drill import Drill
from balefire.domain.errors import BadInput
from balefire.flows import wire
from balefire.flows.ports import Backlog, Chosen, QueueFilter, QueueRow, Work
from balefire.flows.review_group import Reviewed, decide_group, undo_group, waiting_at
from serving.api.chosen import Asked
from serving.api.events import marked
from serving.api.wire import GroupReviewBody, Needs, TheHouse
from serving.house import House

router = APIRouter(prefix="/v1/queue", tags=["events"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Reviewer = Annotated[Principal, Depends(Needs(Scope.REVIEW))]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@router.get("")
async def list_queue(
    house: TheHouse,
    reader: Reader,
    asked: Asked,
    after: Annotated[str | None, Query(pattern=r"^-?\d{1,18}_[0-9A-Za-z]{1,26}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A row a group of events at one place. `next` is the cursor of the next page, null on the last.

    A row is chosen where one of its events is, and holds all of those that wait. `chosen`: how much the filters leave;
    `waiting`: how much there is; `oldest_at`: when the oldest was raised.
    """

    def read() -> dict[str, Any]:
        with house.database.read() as work:
            chosen = asked.chosen(work, reader.reach, house.clock.now())
            rows = work.queue.page(QueueFilter(chosen, _cursor(after), limit, reader.reach))
            left, all_of_it = work.queue.backlog(chosen, reader.reach), work.queue.backlog(Chosen(), reader.reach)
            items = _rows(work, rows)
        onward = f"{(rows[-1].queue_at - EPOCH) // MICROSECOND}_{rows[-1].group}" if len(rows) == limit else None
        return {"items": items, "next": onward, "chosen": _backlog(left), "waiting": _backlog(all_of_it)}

    return await house.in_thread(read)


@router.get("/{group}")
async def get_place(group: str, house: TheHouse, reader: Reader) -> dict[str, Any]:
    """All that waits at one place; `events` is empty where all of it was decided."""

    def read() -> dict[str, Any]:
        with house.database.read() as work:
            return _rows(work, [waiting_at(work, group, reader)])[0]

    return await house.in_thread(read)


@router.post("/{group}/reviews", status_code=201)
async def review_group(group: str, body: GroupReviewBody, house: TheHouse, reviewer: Reviewer) -> dict[str, Any]:
    """One verdict for the events at one place: all of them or none.

    `expects`: the events that are meant, each with the id of the last review seen, empty for none; where somebody decided
    one of them since, 409 `decided_meanwhile`. Without it: all that waits there.
    """
    done = await house.in_thread(
        decide_group, house.database, house.clock, group, body.verdict, reviewer, body.reason, body.note, body.expects
    )
    return await house.in_thread(_answer, house, done)


@router.post("/{group}/reviews/{review_id}/undo", status_code=201)
async def undo_group_review(group: str, review_id: str, house: TheHouse, reviewer: Reviewer) -> dict[str, Any]:
    """Take back what this review decided together with others, within ten minutes; else 409 `undo_refused`."""
    done = await house.in_thread(undo_group, house.database, house.clock, group, review_id, reviewer)
    return await house.in_thread(_answer, house, done)


def _cursor(after: str | None) -> tuple[Any, str] | None:
    if after is None:
        return None
    at, _, group = after.partition("_")
    try:
        return EPOCH + int(at) * MICROSECOND, group
    except OverflowError as error:
        raise BadInput("after is the `next` of the page before") from error


def _rows(work: Work, rows: Sequence[QueueRow]) -> list[dict[str, Any]]:
    reviews = work.reviews.of(event.id for row in rows for event in row.events)
    drills = work.drills.newest()
    return [
        {
            "group": row.group, "queue_at": wire.time(row.queue_at),
            "events": [marked(event, reviews.get(event.id, ()), drills) for event in row.events],
        }
        for row in rows
    ]  # fmt: skip


def _backlog(known: Backlog) -> dict[str, Any]:
    return {"groups": known.groups, "events": known.events, "oldest_at": wire.time(known.oldest_at)}


def _answer(house: House, done: Reviewed) -> dict[str, Any]:
    with house.database.read() as work:
        drills: list[Drill] = work.drills.newest()
    return {"items": [marked(event, reviews, drills) for event, reviews in done]}
