"""Work that comes round: silence, ended events, the picture ring, the purge. A lease makes it happen once among replicas."""

from __future__ import annotations

import asyncio
import logging
import os
from datetime import datetime, timedelta

from balefire.flows.dispatch import give_up
from balefire.flows.health import close_ended, note_silence
from balefire.flows.retention import purge, trim_ring
from serving import metrics
from serving.house import House

log = logging.getLogger("balefire.periodic")
EVERY_S = 5.0
PURGE_EVERY = timedelta(hours=1)
HOLDER = f"{os.uname().nodename}-{os.getpid()}"


async def keep_house(house: House) -> None:
    """Run until cancelled. A round that fails is logged and tried again: the work is idempotent."""
    purged_at: datetime | None = None
    while True:
        metrics.DEPTH.set(house.eye.engine.depth())
        try:
            purged_at = await house.in_thread(_round, house, purged_at)
        except Exception:  # one bad round must not end all later ones
            log.exception("periodic work failed; next try in %g s", EVERY_S)
        await asyncio.sleep(EVERY_S)


def _round(house: House, purged_at: datetime | None) -> datetime | None:
    now = house.clock.now()
    with house.database.begin() as work:
        if not work.take_lease("periodic", HOLDER, now, seconds=EVERY_S * 4):
            return purged_at
    for camera in note_silence(house.database, now, house.settings.silent_s):
        log.warning("camera %s is silent", camera)
    close_ended(house.database, now, house.policies)
    for channel, count in give_up(house.database, now).items():
        metrics.DISPATCH.labels(channel, "failed").inc(count)
        log.warning("%s: gave up on %d notifications", channel, count)
    retention = house.settings.retention.value()
    trim_ring(house.database, house.store, now, retention)
    if purged_at is None or now - purged_at >= PURGE_EVERY:
        log.info("purged: %s", purge(house.database, house.store, now, retention))
        with house.database.begin() as work:
            work.outbox.purge(now - timedelta(days=house.settings.notify.keep_days))
        purged_at = now
    with house.database.read() as work:
        metrics.show_faults(work.cameras.pulses())
    metrics.STORE.set(house.store.used_bytes())
    return purged_at
