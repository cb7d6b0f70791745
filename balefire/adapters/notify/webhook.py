"""A signed webhook: JSON to one URL, with a signature that says who wrote it and when.

Balefire-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 over "t.body">. Balefire-Event-Id is the same at every try.
"""

from __future__ import annotations

import email.utils
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from balefire.adapters.notify.addresses import AddressRefused, Network, NoAddress
from balefire.adapters.notify.http import Outside, short
from balefire.domain.notification import Notification, Outcome
from balefire.flows.ports import Clock

GONE = 410


def sign(secret: bytes, at: int, body: bytes) -> str:
    """The value of `Balefire-Signature` for a body sent at `at` (unix seconds)."""
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Webhook:
    """Implements `dispatch.Channel`."""

    def __init__(
        self, name: str, url: str, secret: bytes, networks: Sequence[Network], clock: Clock, ca_file: str = ""
    ) -> None:
        self._name, self._secret, self._clock = name, secret, clock
        self._outside = Outside(url, networks, ca_file)

    @property
    def name(self) -> str:
        return self._name

    def ready(self) -> bool:
        return True

    async def send(self, notification: Notification) -> Outcome:
        body, now = notification.body.encode(), self._clock.now()
        headers = {
            "Content-Type": "application/json",
            "Balefire-Event-Id": notification.key,
            "Balefire-Topic": f"{notification.kind}s",
            "Balefire-Signature": sign(self._secret, int(now.timestamp()), body),
        }
        try:
            answer = await self._outside.send("POST", body, headers)
        except AddressRefused as error:
            return Outcome(False, str(error), final=True)
        except NoAddress as error:
            return Outcome(False, str(error))
        except httpx.HTTPError as error:
            return Outcome(False, f"{self._outside.host}: {short(error)}")
        return _judged(answer, now)

    async def close(self) -> None:
        await self._outside.close()


def _judged(answer: httpx.Response, now: datetime) -> Outcome:
    """2xx is accepted, 410 is for good; everything else may be mended within the day."""
    if answer.is_success:
        return Outcome(True)
    said = f"answered {answer.status_code}"
    if answer.is_redirect:
        return Outcome(False, f"{said}: redirects are not followed")
    asked = _asked_s(answer.headers.get("Retry-After", ""), now)
    return Outcome(False, said, final=answer.status_code == GONE, retry_after_s=asked)


def _asked_s(text: str, now: datetime) -> float | None:
    """Retry-After in seconds: a number or a date; None for neither."""
    if text.strip().isdecimal():
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
