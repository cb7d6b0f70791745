"""What an answer of the server means for the frame that was posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import httpx

from balefire.camera.redact import redact

LONGEST_WAIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Answered:
    """The server has it. `status` as in CONTRACTS.md §1; `raised`: hazards of the events that this frame raised."""

    status: str
    raised: tuple[str, ...]
    repeated: bool
    took_ms: float


@dataclass(frozen=True, slots=True)
class Later:
    """The server is there and says not now. `full`: for everyone (503), else this camera is too fast (429)."""

    wait_s: float
    full: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Away:
    """No answer, or one that is not balefire's. `fault`: it failed on this very frame (500)."""

    detail: str
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """This will never be taken. `fatal`: nor will any other frame, as the key, the camera or the address is wrong."""

    detail: str
    fatal: bool


Outcome: TypeAlias = Answered | Later | Away | Refused


def meaning(response: httpx.Response, took_ms: float) -> Outcome:
    status = response.status_code
    detail = f"{status}: {problem(response) or _nameless(response)}"
    if response.is_success:
        return _answered(response, took_ms)
    if status in (429, 503):
        return Later(_retry_after_s(response.headers.get("Retry-After")), status == 503, detail)
    if status >= 500 or status in (408, 425):
        return Away(detail, fault=status == 500)
    if status in (401, 403, 404) or response.is_redirect:
        return Refused(detail, fatal=True)
    return Refused(detail, fatal=False)


def _answered(response: httpx.Response, took_ms: float) -> Outcome:
    """A 2xx counts only with the answer's shape: a login page of some gateway is no acknowledgement."""
    body = _json(response)
    events = body.get("events", [])
    if not isinstance(body.get("status"), str) or not isinstance(events, list):
        return Refused(f"{response.status_code}: {_nameless(response)}", fatal=True)
    repeated = response.headers.get("Frame-Repeated") == "true"
    return Answered(body["status"], _raised(events), repeated, took_ms)


def _raised(events: Sequence[Any]) -> tuple[str, ...]:
    found = (event for event in events if isinstance(event, dict) and event.get("change") == "raised")
    return tuple(f"{event.get('hazard')} ({event.get('reason')})" for event in found)


def problem(response: httpx.Response) -> str:
    """The sentence of a problem+json body; empty where there is none."""
    body = _json(response)
    text = body.get("detail") or body.get("title")
    return str(text)[:300] if text and ("code" in body or "type" in body) else ""


def _nameless(response: httpx.Response) -> str:
    if response.is_redirect:
        return f"the address redirects to {redact(response.headers.get('Location', 'nowhere'))}"
    return "the answer is not balefire's; is this its address?"


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after_s(value: str | None) -> float:
    """Seconds or an HTTP date (RFC 9110 §10.2.3), kept between 0.1 s and LONGEST_WAIT_S; 1 s where it says nothing."""
    wait_s = 1.0
    if value and value.strip().isdigit():
        wait_s = float(value)
    elif value:
        try:
            at = parsedate_to_datetime(value)
            wait_s = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            pass
    return min(max(wait_s, 0.1), LONGEST_WAIT_S)
