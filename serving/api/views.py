"""Views of the queue that somebody keeps under a name: theirs alone, on every machine they sign in at."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Path, Response

from balefire.domain.access import Principal, Scope
from balefire.domain.errors import BadInput
from balefire.flows.ports import View
from serving.api.wire import Needs, TheHouse, ViewBody

router = APIRouter(prefix="/v1/views", tags=["events"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Name = Annotated[str, Path(min_length=1, max_length=60)]
FILTERS = {"hazard", "camera", "unit", "state", "since", "until", "hours"}
MOST = 50


@router.get("")
async def list_views(house: TheHouse, reader: Reader) -> dict[str, list[dict[str, str]]]:
    """By name. `address`: the query of an address, as `GET /v1/queue` takes it."""

    def read() -> list[View]:
        with house.database.read() as work:
            return work.views.of(reader.signature)

    return {"items": [_json(view) for view in await house.in_thread(read)]}


@router.put("/{view}")
async def save_view(view: Name, body: ViewBody, house: TheHouse, reader: Reader) -> dict[str, str]:
    """Replaces the one of this name. At most fifty."""
    pairs = parse_qsl(body.address)
    foreign = sorted({key for key, _ in pairs} - FILTERS)
    if foreign:
        raise BadInput(f"{foreign[0][:40]} is no filter of the queue")
    kept = View(reader.signature, view, urlencode(pairs))

    def save() -> None:
        with house.database.begin() as work:
            if len({*(one.name for one in work.views.of(kept.owner)), view}) > MOST:
                raise BadInput(f"{MOST} views are the most that one person keeps")
            work.views.save(kept)

    await house.in_thread(save)
    return _json(kept)


@router.delete("/{view}", status_code=204)
async def remove_view(view: Name, house: TheHouse, reader: Reader) -> Response:
    def remove() -> None:
        with house.database.begin() as work:
            work.views.remove(reader.signature, view)

    await house.in_thread(remove)
    return Response(status_code=204)


def _json(view: View) -> dict[str, str]:
    return {"name": view.name, "address": view.address}
