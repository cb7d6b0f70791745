"""What the machine saw, and what people say of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from balefire.domain.access import Principal, Scope
from balefire.domain.drill import Drill
from balefire.domain.errors import UnknownFrame
from balefire.domain.event import Event
from balefire.domain.frame import Frame
from balefire.domain.review import Review
from balefire.flows import wire
from balefire.flows.access import require_event
from balefire.flows.audit import record_export
from balefire.flows.drill import name_at
from balefire.flows.earlier import earlier
from balefire.flows.evidence import evidence
from balefire.flows.ports import EventFilter
from balefire.flows.review import decide, undo
from serving.api.chosen import Asked
from serving.api.wire import Needs, ReviewBody, TheHouse
from serving.house import House
from serving.zipped import zipped

router = APIRouter(prefix="/v1/events", tags=["events"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Reviewer = Annotated[Principal, Depends(Needs(Scope.REVIEW))]


@router.get("")
async def list_events(
    house: TheHouse,
    reader: Reader,
    asked: Asked,
    reviewed: bool | None = None,
    raised: bool | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Newest first. `next` is the cursor of the next page, null on the last; `raised=true`: ever raised; `drill`: its name.

    `hazard`, `camera`, `state`: any of several; `unit`: with all below it; `since`, `until`, `hours`: when it was raised.
    """

    def read() -> list[dict[str, Any]]:
        with house.database.read() as work:
            chosen = asked.chosen(work, reader.reach, house.clock.now())
            wanted = EventFilter(reviewed=reviewed, raised=raised, after=after, limit=limit, within=reader.reach, chosen=chosen)
            events = work.events.page(wanted)
            reviews, drills = work.reviews.of(event.id for event in events), work.drills.newest()
        return [marked(event, reviews.get(event.id, ()), drills) for event in events]

    items = await house.in_thread(read)
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/{event_id}")
async def get_event(event_id: str, house: TheHouse, reader: Reader) -> dict[str, Any]:
    """One event with its sequence of frames and every review."""
    event, frames, reviews, drills = await house.in_thread(_load, house, reader, event_id)
    sequence = [wire.event_frame(n, event.id, frame, event) for n, frame in enumerate(frames)]
    return {**marked(event, reviews, drills), "frames": sequence}


@router.get("/{event_id}/frames/{number}.jpg")
async def get_frame(event_id: str, number: int, house: TheHouse, reader: Reader) -> Response:
    """The n-th picture of the event's sequence, from 0."""

    def read() -> bytes:
        frames = _load(house, reader, event_id)[1]
        if not 0 <= number < len(frames):
            raise UnknownFrame(f"event {event_id} has frames 0 to {len(frames) - 1}")
        key = frames[number].picture
        if key is None:
            raise UnknownFrame("retention has removed this picture")
        return house.store.get(key)

    picture = await house.in_thread(read)
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/{event_id}/clip.mp4")
async def get_clip(event_id: str, house: TheHouse, reader: Reader) -> Response:
    """The event's sequence as a video, at its own pace."""

    from balefire.adapters import clips  # it loads a video library that few requests need

    def build() -> bytes:
        frames = _load(house, reader, event_id)[1]
        pictures = [(house.store.get(frame.picture), frame.captured_at) for frame in frames if frame.picture]
        if not pictures:
            raise UnknownFrame("retention has removed the pictures of this event")
        clip = clips.mp4(pictures)
        record_export(house.database, house.clock.now(), reader, "clip", event_id, {"pictures": len(pictures)})
        return clip

    return Response(await house.in_thread(build), media_type="video/mp4")


@router.get("/{event_id}/evidence.zip")
async def get_evidence(event_id: str, house: TheHouse, reader: Reader) -> StreamingResponse:
    """Pictures as stored, clip, event with all sightings and reviews, and SHA256SUMS. What retention removed is named."""

    from balefire.adapters import clips

    event, frames, reviews, drills = await house.in_thread(_load, house, reader, event_id)
    said = {"pictures": sum(frame.picture is not None for frame in frames)}
    await house.in_thread(record_export, house.database, house.clock.now(), reader, "evidence", event_id, said)
    files = evidence(house.store, marked(event, reviews, drills), event, frames, clips.mp4)
    headers = {"Content-Disposition": f'attachment; filename="balefire-{event.camera}-{event.id}.zip"'}
    return StreamingResponse(zipped(files), media_type="application/zip", headers=headers)


@router.get("/{event_id}/earlier")
async def get_earlier(event_id: str, house: TheHouse, reader: Reader) -> dict[str, Any]:
    """Raised before at the same place: of the same camera, where the boxes overlap or the group is the same. At most 10."""

    def read() -> list[dict[str, Any]]:
        with house.database.read() as work:
            event = work.events.get(event_id)
            require_event(work, reader, event)
            found, drills = earlier(work, event), work.drills.newest()
            reviews = work.reviews.of(one.id for one in found)
        return [marked(one, reviews.get(one.id, ()), drills) for one in found]

    return {"items": await house.in_thread(read), "next": None}


@router.post("/{event_id}/reviews", status_code=201)
async def review_event(event_id: str, body: ReviewBody, house: TheHouse, reviewer: Reviewer) -> dict[str, Any]:
    """Append a verdict; the last one counts.

    `expects`: the id of the last review seen, empty for none; where somebody decided since, 409 `decided_meanwhile`.
    `boxes`: as they should be, each in its frame; `frames`: those that show nothing else, so one without a box shows no hazard.
    A box outside of the picture or without an area, and one of no hazard that there is: 422, and nothing is saved.
    """
    boxes = [box.value() for box in body.boxes]
    _, _, _, drills = await house.in_thread(_load, house, reviewer, event_id)
    event, reviews = await house.in_thread(
        decide, house.database, house.clock, event_id, body.verdict, reviewer.name, body.reason, body.note, boxes, body.expects,
        body.frames,
    )  # fmt: skip
    return marked(event, reviews, drills)


@router.post("/{event_id}/reviews/{review_id}/undo", status_code=201)
async def undo_review(event_id: str, review_id: str, house: TheHouse, reviewer: Reviewer) -> dict[str, Any]:
    """Take the last decision back, within ten minutes: by whom decided or who has command, else 409 `undo_refused`."""
    _, _, _, drills = await house.in_thread(_load, house, reviewer, event_id)
    commands = reviewer.may(Scope.COMMAND)
    event, reviews = await house.in_thread(undo, house.database, house.clock, event_id, review_id, reviewer.name, commands)
    return marked(event, reviews, drills)


def _load(house: House, principal: Principal, event_id: str) -> tuple[Event, list[Frame], list[Review], list[Drill]]:
    with house.database.read() as work:
        event = work.events.get(event_id)
        require_event(work, principal, event)
        reviews = work.reviews.of([event_id]).get(event_id, [])
        return event, work.events.frames_of(event_id), reviews, work.drills.newest()


def marked(event: Event, reviews: Sequence[Review], drills: Sequence[Drill]) -> dict[str, Any]:
    """The event, and the drill in which it began or was raised."""
    return {**wire.event(event, reviews), "drill": name_at(drills, event.started_at, event.raised_at)}
