"""Server-sent events, read from the `changes` table and never from memory: any replica serves them, a break loses none."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from balefire.domain.access import Principal, Scope
from balefire.domain.drill import Drill
from balefire.domain.errors import BadInput
from balefire.flows.drill import name_at
from balefire.flows.ports import ChangeRow
from serving.api.wire import Needs, TheHouse
from serving.house import House

router = APIRouter(prefix="/v1", tags=["events"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
LOOK_S = 0.3
PAGE = 200
ASK_S = 15.0  # whether the reader still may


@router.get("/stream")
async def stream(
    request: Request,
    house: TheHouse,
    reader: Reader,
    last_event_id: Annotated[str | None, Header()] = None,
    after: str | None = None,
) -> EventSourceResponse:
    """Items `event`, `incident`, `camera`, `drill`; `Last-Event-ID` resumes, without it only what comes now.

    `after` says the same for a browser that opens a stream anew, where it cannot set the header; the header is the newer one.

    `drill` in an item names the drill during which it was sent. The stream ends when the session or the key does.
    """
    last_event_id = after if last_event_id is None else last_event_id
    if last_event_id is not None and not last_event_id.isdigit():
        raise BadInput("Last-Event-ID is one of the stream's own ids, a number")
    # Before the answer begins: who reads the lists once it has begun misses nothing in between.
    since = int(last_event_id) if last_event_id else await house.in_thread(_newest, house)
    return EventSourceResponse(_items(request, house, reader, since), ping=15, headers={"X-Accel-Buffering": "no"})


async def _items(request: Request, house: House, reader: Principal, last: int) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="here")  # first byte at once
    asked_at = time.monotonic()
    while not await request.is_disconnected():
        page = await house.in_thread(_after, house, reader, last)
        if page.rows or time.monotonic() > asked_at + ASK_S:
            if await request.scope["principal_again"]() != reader:
                return  # whoever still may comes back and resumes
            asked_at = time.monotonic()
        for row in page.rows:
            last = row.id
            if row.id in page.reached:
                data = json.dumps({**json.loads(row.body), "drill": name_at(page.drills, row.at)}, ensure_ascii=False)
                yield ServerSentEvent(data=data, event=row.kind, id=str(row.id))
        if len(page.rows) < PAGE:
            await asyncio.sleep(LOOK_S)


def _newest(house: House) -> int:
    with house.database.read() as work:
        return work.changes.newest()


@dataclass(frozen=True, slots=True)
class Page:
    """`reached`: ids of the rows that the reader may see; `drills`: what marks a row."""

    rows: list[ChangeRow]
    reached: set[int]
    drills: list[Drill]


def _after(house: House, reader: Principal, last: int) -> Page:
    """One query for all rows says which cameras are the reader's."""
    with house.database.read() as work:
        rows = work.changes.after(last, PAGE)
        drills = work.drills.newest() if rows else []
        if reader.reach.everywhere or not rows:
            return Page(rows, {row.id for row in rows}, drills)
        cameras = {row.id: _camera_of(row) for row in rows}
        reached = work.cameras.reached(cameras.values(), reader.reach)
        return Page(rows, {row.id for row in rows if row.kind == "drill" or cameras[row.id] in reached}, drills)


def _camera_of(row: ChangeRow) -> str:
    """Empty where it belongs to none: only the whole house sees such a row."""
    return row.subject if row.kind == "camera" else str(json.loads(row.body).get("camera", ""))
