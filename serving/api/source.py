"""The source of what runs here, as the AGPL asks: offered by the running service itself, so that no network is needed."""

from __future__ import annotations

import io
import tarfile
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from balefire.domain.access import Principal, Scope
from balefire.settings import CHECKOUT
from serving.api.wire import Needs, TheHouse

router = APIRouter(tags=["operations"])
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
PARTS = ("balefire", "serving", "training", "configs", "datasets", "tests", "pyproject.toml", "constraints.txt", "Makefile",
         "README.md", "LICENSE")  # fmt: skip
LEFT_OUT = {"__pycache__", "node_modules", "dist"}


@router.get("/source")
async def source(house: TheHouse, _: Reader) -> Response:
    """balefire.tar.gz: the code that answers, without pictures and detectors."""
    headers = {"Content-Disposition": 'attachment; filename="balefire.tar.gz"'}
    return Response(await house.in_thread(_packed), media_type="application/gzip", headers=headers)


def _packed() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive:
        for name in PARTS:
            if (CHECKOUT / name).exists():
                archive.add(CHECKOUT / name, f"balefire/{name}", filter=_wanted)
    return out.getvalue()


def _wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if LEFT_OUT & set(entry.name.split("/")) else entry
