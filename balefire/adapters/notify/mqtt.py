"""MQTT: what happens on `balefire/events`, whether we are there on `balefire/available`, cameras on `balefire/<camera>/state`.

One process of all replicas holds the connection: `available` and its last will speak for the service, not for a process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiomqtt

from balefire.adapters.notify.addresses import Network, resolve
from balefire.adapters.notify.http import short
from balefire.domain.errors import BalefireError
from balefire.domain.notification import Notification, Outcome

log = logging.getLogger("balefire.mqtt")
KEEPALIVE_S = 10
ANSWER_S = 8.0
AGAIN_S = (1.0, 2.0, 4.0, 8.0, 15.0)
STATE_EVERY_S = 2.0
AT_LEAST_ONCE = 1
FAULTS = (aiomqtt.MqttError, BalefireError, OSError)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where it is and who we are there. `ca_file` empty: the system's certificates."""

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: str = ""
    topic: str = "balefire"
    client_id: str = "balefire"

    def __repr__(self) -> str:
        return f"Broker({self.host}:{self.port})"


class Mqtt:
    """Implements `dispatch.Channel`.

    turn: whether this process holds the connection now (asked again and again); states: camera → state, to be told.
    """

    name = "mqtt"

    def __init__(
        self,
        broker: Broker,
        networks: Sequence[Network],
        turn: Callable[[], Awaitable[bool]],
        states: Callable[[], Awaitable[dict[str, str]]],
    ) -> None:
        self._broker, self._networks, self._turn, self._states = broker, tuple(networks), turn, states
        self._client: aiomqtt.Client | None = None
        self._was_connected = False

    def ready(self) -> bool:
        return self._client is not None

    async def send(self, notification: Notification) -> Outcome:
        client = self._client
        if client is None:
            return Outcome(False, "the broker is not connected")
        try:
            await client.publish(f"{self._broker.topic}/{notification.kind}s", notification.body, qos=AT_LEAST_ONCE)
        except aiomqtt.MqttError as error:
            return Outcome(False, short(error))
        return Outcome(True)

    async def run(self) -> None:
        """Connect, and connect again, until cancelled. A broker that is away is logged once."""
        tries, told = 0, False
        while True:
            try:
                if await self._turn():
                    await self._session()
                    tries, told = 0, False
            except FAULTS as error:
                if not told:
                    log.warning("broker %s: %s; it is tried again", self._broker.host, short(error))
                told = True
                tries = 0 if self._was_connected else tries
            await asyncio.sleep(AGAIN_S[min(tries, len(AGAIN_S) - 1)])
            tries += 1

    async def _session(self) -> None:
        """One connection, from `online` until it is lost or another replica's turn comes."""
        self._was_connected = False
        available = f"{self._broker.topic}/available"
        async with await self._connection(available) as client:
            await client.publish(available, "online", qos=AT_LEAST_ONCE, retain=True)
            log.info("broker %s: connected", self._broker.host)
            self._was_connected, self._client = True, client
            lost = asyncio.ensure_future(_until_lost(client))
            telling = asyncio.ensure_future(self._tell_states(client))
            try:
                ended, _ = await asyncio.wait((lost, telling), return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    task.result()
            finally:
                self._client = None
                lost.cancel()
                telling.cancel()
                await asyncio.gather(lost, telling, return_exceptions=True)
                with contextlib.suppress(*FAULTS):
                    await client.publish(available, "offline", qos=AT_LEAST_ONCE, retain=True, timeout=1)

    async def _connection(self, available: str) -> aiomqtt.Client:
        broker = self._broker
        address = await resolve(broker.host, broker.port, self._networks)
        trust = ssl.create_default_context(cafile=broker.ca_file or None) if broker.tls else None
        return aiomqtt.Client(
            broker.host if broker.tls else address,  # under TLS the certificate says who answers, by name
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=broker.client_id,
            will=aiomqtt.Will(available, "offline", qos=AT_LEAST_ONCE, retain=True),
            tls_context=trust,
            keepalive=KEEPALIVE_S,
            timeout=ANSWER_S,
        )

    async def _tell_states(self, client: aiomqtt.Client) -> None:
        """Each camera's state, retained: all at first, then what changed. Ends when it is another's turn."""
        told: dict[str, str] = {}
        while await self._turn():
            for camera, state in (await self._states()).items():
                if told.get(camera) != state:
                    await client.publish(f"{self._broker.topic}/{camera}/state", state, qos=AT_LEAST_ONCE, retain=True)
                    told[camera] = state
            await asyncio.sleep(STATE_EVERY_S)


async def _until_lost(client: aiomqtt.Client) -> None:
    """Raises MqttError when the connection is lost; nothing is ever received."""
    async for _ in client.messages:
        pass
