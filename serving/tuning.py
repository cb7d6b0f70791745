"""The first start on a new machine: begin with a safe choice, measure in a process of its own, then change over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE

from balefire.domain.errors import BalefireError
from serving.house import House

log = logging.getLogger("balefire")
WAIT_S = 10.0  # the first frames are answered before the cores are shared
LONGEST_S = 900.0


def say_plans(house: House) -> None:
    for row in house.eye.running():
        way = f"{row['runtime']} {row['precision']}, {row['workers']} workers x {row['threads']} threads"
        log.info("balefire watches with %s@%s in %s: %s", row["name"], row["version"], way, row["reason"])


async def tune_if_new(house: House) -> None:
    """Measure what was not measured on this processor. A failure is said once; the service goes on as it was."""
    from balefire.vision.bundles import champion_folders
    from balefire.vision.plan import Wish
    from balefire.vision.plan_store import is_measured, plans_for

    settings = house.settings
    folders = champion_folders(settings.models, settings.detectors)
    if not settings.tune or is_measured(settings.state, folders):
        return
    await asyncio.sleep(WAIT_S)
    if not await _tuned(house):
        return
    try:
        await asyncio.to_thread(
            house.eye.change, plans_for(settings.state, folders, Wish(settings.runtime, settings.precision, settings.workers))
        )
    except BalefireError as error:
        log.warning("balefire stays with what it runs: %s", error)
        return
    say_plans(house)


async def _tuned(house: House) -> bool:
    """`balefire tune` on this state, at the lowest priority: frames come first. It ends with the service."""
    environment = {**os.environ, "BALEFIRE_STATE": str(house.settings.state.resolve())}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "balefire", "tune", "--gently", env=environment, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), LONGEST_S)
    except TimeoutError:
        said = b"it took too long"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if process.returncode != 0:
        log.warning("balefire could not measure this machine: %s", said.decode(errors="replace").strip()[-500:])
    return process.returncode == 0
