"""What people decided, for those who train detectors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from balefire.domain.access import Principal, Scope
from balefire.domain.detection import Hazard
from balefire.flows.audit import record_export
from balefire.flows.feedback import Counts, Wanted, labelled_set
from serving.api.wire import Needs, TheHouse, parse_time
from serving.zipped import zipped

router = APIRouter(prefix="/v1/reviews", tags=["training"])
Trainer = Annotated[Principal, Depends(Needs(Scope.TRAIN))]


@router.get("/export.zip")
async def export_reviews(
    house: TheHouse,
    trainer: Trainer,
    hazard: Annotated[list[Hazard] | None, Query(description="the classes; without any, all")] = None,
    camera: str | None = None,
    since: Annotated[str | None, Query(description="RFC 3339: decided since then")] = None,
) -> StreamingResponse:
    """Decided events as a labelled set: pictures, YOLO labels and `origin.jsonl`, as `training.data import` takes it in.

    False events are backgrounds with empty label files. What is unsure, taken back or not decided is left out.
    """
    wanted = Wanted(tuple(dict.fromkeys(hazard or Hazard)), camera, parse_time(since, "since"), trainer.reach)
    facts = {"hazards": list(wanted.hazards), "camera": camera, "since": since}
    await house.in_thread(record_export, house.database, house.clock.now(), trainer, "reviews", camera or "all", facts)
    files = labelled_set(house.database, house.store, wanted, Counts())
    headers = {"Content-Disposition": 'attachment; filename="balefire-reviews.zip"'}
    return StreamingResponse(zipped(files), media_type="application/zip", headers=headers)
