"""What people and programs did: the log that only grows. It is the whole house's, so it is for its administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from balefire.domain.access import Principal, Scope
from balefire.domain.audit import Entry
from balefire.flows import wire
from balefire.flows.audit import require_whole_house
from serving.api.wire import Needs, TheHouse

router = APIRouter(prefix="/v1/audit", tags=["audit"])
Admin = Annotated[Principal, Depends(Needs(Scope.ADMIN))]


@router.get("")
async def list_entries(
    house: TheHouse,
    admin: Admin,
    what: Annotated[str | None, Query(description="camera.change, sign_in, event.review, …")] = None,
    after: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> dict[str, Any]:
    """Newest first. `next` is the cursor of the next page, null on the last. `balefire audit verify` checks the chain."""
    require_whole_house(admin)

    def read() -> list[Entry]:
        with house.database.read() as work:
            return work.audit.page(after, limit, what)

    found = await house.in_thread(read)
    return {"items": [wire.entry(entry) for entry in found], "next": found[-1].number if len(found) == limit else None}
