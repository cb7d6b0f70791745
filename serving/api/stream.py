"""Server-sent events, read from the `changes` table and never from memory: any replica serves them, a break loses none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from balefire.domain.access import Principal, Scope
from balefire.domain.errors import BadInput
from balefire.flows.access import reaches
from balefire.flows.ports import ChangeRow
from serving.api.wire import Needs, TheHouse
from serving.house import House

router = APIRouter(prefix="/v1", tags=["events"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
LOOK_S = 0.3
PAGE = 200


@router.get("/stream")
async def stream(
    request: Request, house: TheHouse, reader: Reader, last_event_id: Annotated[str | None, Header()] = None
) -> EventSourceResponse:
    """Items `event`, `incident`, `camera`; `Last-Event-ID` resumes, without it only what comes now."""
    if last_event_id is not None and not last_event_id.isdigit():
        raise BadInput("Last-Event-ID is one of the stream's own ids, a number")
    # Before the answer begins: who reads the lists once it has begun misses nothing in between.
    since = int(last_event_id) if last_event_id else await house.in_thread(_newest, house)
    return EventSourceResponse(_items(request, house, reader, since), ping=15, headers={"X-Accel-Buffering": "no"})


async def _items(request: Request, house: House, reader: Principal, last: int) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="here")  # first byte at once
    while not await request.is_disconnected():
        rows = await house.in_thread(_after, house, last)
        for row in rows:
            last = row.id
            if reaches(reader, _camera_of(row)):
                yield ServerSentEvent(data=row.body, event=row.kind, id=str(row.id))
        if len(rows) < PAGE:
            await asyncio.sleep(LOOK_S)


def _newest(house: House) -> int:
    with house.database.read() as work:
        return work.changes.newest()


def _after(house: House, last: int) -> list[ChangeRow]:
    with house.database.read() as work:
        return work.changes.after(last, PAGE)


def _camera_of(row: ChangeRow) -> str:
    return row.subject if row.kind == "camera" else str(json.loads(row.body).get("camera", ""))
