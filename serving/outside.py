"""Telling the outside while the service runs: a worker for each channel, the broker's connection, the heartbeat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from balefire.adapters.notify.heartbeat import Heartbeat
from balefire.adapters.notify.mqtt import Broker, Mqtt
from balefire.adapters.notify.webhook import Webhook
from balefire.domain.errors import BalefireError
from balefire.flows.dispatch import Channel, Dispatcher
from balefire.flows.health import state_of
from balefire.notify_settings import MqttSettings
from serving import metrics
from serving.house import House
from serving.periodic import HOLDER

log = logging.getLogger("balefire.outside")
LEASE_S = 15.0


async def tell_outside(house: House) -> None:
    """Run until cancelled. Nothing here stops the service: what cannot be reached is tried again."""
    # httpx writes every address it asks at INFO; some hold secrets.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    notify = house.settings.notify
    channels: list[Channel] = []
    work: list[Coroutine[Any, Any, None]] = []
    for webhook in notify.webhooks:
        address, secret, ca_file = webhook.address(), webhook.secret(), str(webhook.ca_file or "")
        channels.append(Webhook(webhook.channel, address, secret, notify.allow_networks, house.clock, ca_file))
    if notify.mqtt:
        mqtt = Mqtt(_broker(notify.mqtt), notify.allow_networks, _turn(house, "mqtt", LEASE_S), lambda: _states(house))
        channels.append(mqtt)
        work.append(mqtt.run())
    if notify.heartbeat:
        every_s = notify.heartbeat.every_s
        heartbeat = Heartbeat(notify.heartbeat.address(), every_s, notify.allow_networks, _fit(house, every_s))
        work.append(heartbeat.run())
    work += [_dispatcher(house, channel).run() for channel in channels]
    await asyncio.gather(*(_kept_up(one) for one in work))


def _dispatcher(house: House, channel: Channel) -> Dispatcher:
    return Dispatcher(house.database, channel, house.clock, house.threads, HOLDER, metrics.count_dispatch)


async def _kept_up(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # a fault of ours in one channel must silence no other
        log.exception("a way to the outside has ended; restart the service to open it again")


def _broker(mqtt: MqttSettings) -> Broker:
    return Broker(
        mqtt.host, mqtt.port, mqtt.username, mqtt.password(), mqtt.tls, str(mqtt.ca_file or ""), mqtt.topic, mqtt.client_id
    )


def _turn(house: House, name: str, seconds: float) -> Callable[[], Awaitable[bool]]:
    """Whether this replica is the one: it holds the lease `name`, and keeps it by asking again in time."""

    def take() -> bool:
        with house.database.begin() as work:
            return work.take_lease(name, HOLDER, house.clock.now(), seconds)

    return lambda: house.in_thread(take)


def _fit(house: House, every_s: float) -> Callable[[], Awaitable[bool]]:
    """The heartbeat goes out while the database takes writes and the frame store has room; of all replicas one sends it."""
    turn = _turn(house, "heartbeat", max(2 * every_s, LEASE_S))

    async def fit() -> bool:
        await house.in_thread(house.store.check_room)
        return await turn()

    return fit


async def _states(house: House) -> dict[str, str]:
    """Camera → waiting, ok, or its worst fault. Raises Busy where the database does not answer."""

    def read() -> dict[str, str]:
        with house.database.read() as work:
            pulses = work.cameras.pulses()
        return {pulse.camera: state_of(pulse) for pulse in pulses}

    return await house.in_thread(read)


def give_back_turns(house: House) -> None:
    """At the end: let another replica, or the next start, take over at once."""
    notify = house.settings.notify
    held = [name for name, wanted in (("mqtt", notify.mqtt), ("heartbeat", notify.heartbeat)) if wanted]
    try:
        if held:
            with house.database.begin() as work:
                for name in held:
                    work.take_lease(name, HOLDER, house.clock.now(), seconds=0)
    except BalefireError as error:
        log.warning("%s; leases run out by themselves", error)
