"""Facts raised inside become HTTP status here, and nowhere else: RFC 9457 `application/problem+json`."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from balefire.domain import errors

STATUS: dict[type[errors.BalefireError], int] = {
    errors.NotAnImage: 415,
    errors.BodyTooLarge: 413,
    errors.ImageTooLarge: 422,
    errors.BrokenImage: 422,
    errors.BadInput: 422,
    errors.NotFound: 404,
    errors.OutOfReach: 403,
    errors.Conflict: 409,
    errors.TooFast: 429,
    errors.Busy: 503,
    errors.StoreFull: 507,
}
MEDIA_TYPE = "application/problem+json"


def status_of(error: errors.BalefireError) -> int:
    """The nearest class in the error tree decides; what is missing there is our fault: 500."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(status: int, code: str, detail: str) -> bytes:
    """The body of every refusal. `code` is stable; `detail` is for people."""
    body: dict[str, Any] = {
        "type": f"urn:balefire:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def refusal(error: errors.BalefireError) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and extra headers for a fact that was raised."""
    status = status_of(error)
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, errors.Busy) else {}
    if isinstance(error, errors.BodyTooLarge):
        headers["Connection"] = "close"  # the rest of the body is not wanted
    return status, problem(status, error.code, str(error)), headers
