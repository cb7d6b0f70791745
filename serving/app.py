"""Wiring: the only place that chooses adapters. Builds the FastAPI app that BentoML mounts, and the house behind it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from balefire.domain.access import Scope
from balefire.domain.detection import Hazard
from balefire.domain.errors import BalefireError
from balefire.domain.policy import Policies
from balefire.flows.people import create_key
from balefire.flows.ports import Clock, Database
from balefire.flows.watch import Watch
from balefire.settings import Settings, read_policies, read_settings
from serving.api import (
    audit,
    cameras,
    coverage,
    drill,
    events,
    feedback,
    frames,
    maps,
    operations,
    people,
    pictures,
    presence,
    queue,
    source,
    stats,
    stream,
    units,
    views,
    zones,
)
from serving.api.wire import Forbidden
from serving.console import figures, overview, pages
from serving.house import House
from serving.outside import give_back_turns, tell_outside
from serving.pace import Pace
from serving.periodic import keep_house
from serving.problems import MEDIA_TYPE, problem, refusal
from serving.tuning import say_plans, tune_if_new

if TYPE_CHECKING:
    from balefire.vision.eye import EngineEye

DATABASE_THREADS = 8
PARTS = (
    frames, events, queue, views, presence, zones, feedback, coverage, cameras, pictures, maps, stats, units, people, audit,
    drill, stream,
    operations, source, pages, overview, figures,
)  # fmt: skip


def open_house(settings: Settings) -> House:
    """Check everything that a start needs, and open it. Raises BadSetting, BundleMismatch, StoreFull."""
    # Here and not above: BentoML's supervisor imports this module too, and neither looks at pictures nor stores any.
    settings.state.mkdir(parents=True, exist_ok=True)
    settings.notify.check()
    policies = read_policies(settings.policies)
    with ThreadPoolExecutor(1) as beside:  # graphs load while the database is imported and brought up to date
        opening = beside.submit(_open_eye, settings, policies)
        from balefire.adapters.clock import SystemClock
        from balefire.adapters.database import migrate, open_database
        from balefire.adapters.frames import open_frames
        from balefire.adapters.sky import SunSky

        migrate(settings.database())
        database = open_database(settings.database(), settings.notify.channels())
        eye = opening.result()
    store = open_frames(settings.frames(), reserve_bytes=settings.reserve_bytes, limit_bytes=settings.store_limit_bytes)
    clock, threads = SystemClock(), ThreadPoolExecutor(DATABASE_THREADS, "balefire")
    watch = Watch(
        database, store, eye, policies, clock, threads, settings.retention.ring_s, SunSky(), settings.silent_s, settings.look_s
    )
    _first_key(database, clock, settings.state)
    return House(settings, database, store, eye, watch, policies, clock, threads, Pace(settings.frames_per_second))


def _open_eye(settings: Settings, policies: Policies) -> EngineEye:
    from balefire.vision.bundles import champion_folders
    from balefire.vision.eye import EngineEye
    from balefire.vision.plan import Wish
    from balefire.vision.plan_store import plans_for

    folders = champion_folders(settings.models, settings.detectors)
    plans = plans_for(settings.state, folders, Wish(settings.runtime, settings.precision, settings.workers))
    floors = {hazard: policies.floor(hazard) for hazard in Hazard}
    return EngineEye(folders, plans, settings.queue, settings.pixel_limit, floors)


def build_app() -> FastAPI:
    """The app that is mounted at `/`. It opens its house when it starts, not when it is imported."""
    app = FastAPI(title="balefire", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    for part in PARTS:
        app.include_router(part.router)
    app.mount("/static", pages.static_files(), name="static")
    app.add_exception_handler(BalefireError, _refuse)
    app.add_exception_handler(Forbidden, _forbid)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    logging.getLogger("balefire").setLevel(logging.INFO)  # what runs and why; BentoML leaves others at warnings
    house = await asyncio.to_thread(open_house, read_settings())
    app.state.house = house
    running = [asyncio.create_task(work(house)) for work in (keep_house, tune_if_new, tell_outside)]
    say_plans(house)
    yield
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await house.in_thread(give_back_turns, house)
    house.eye.close()
    house.threads.shutdown(wait=True)


def _first_key(database: Database, clock: Clock, state: Path) -> None:
    """The administrator's key: to a file only its owner reads; to the screen only where a person sits."""
    path = state / "admin.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        text = create_key(database, clock.now(), "administrator", Scope)
        file.write(text + "\n")
    if sys.stdout.isatty():
        print(f"administrator's key: {text}  (also in {path})")


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, BalefireError)
    status, body, headers = refusal(error)
    return Response(body, status, headers, MEDIA_TYPE)


async def _forbid(_: Request, error: Exception) -> Response:
    assert isinstance(error, Forbidden)
    return Response(error.body, 403, media_type=MEDIA_TYPE)


async def _invalid(_: Request, error: Exception) -> Response:
    """What pydantic says, in one line for people."""
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors())
    return Response(problem(422, "bad_input", faults), 422, media_type=MEDIA_TYPE)
