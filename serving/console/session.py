"""The session cookie, and where a browser may be sent."""

from __future__ import annotations

import ipaddress
from typing import TypeVar
from urllib.parse import urlsplit

from fastapi import Request, Response

from balefire.flows.access import SESSION
from serving.guard import COOKIE

YEAR_S = 365 * 86_400
AnyResponse = TypeVar("AnyResponse", bound=Response)


def with_session(response: AnyResponse, request: Request, token: str) -> AnyResponse:
    """HttpOnly, SameSite=Strict, and Secure off loopback."""
    response.set_cookie(
        COOKIE, token, max_age=int(SESSION.total_seconds()), httponly=True, samesite="strict", secure=not _on_loopback(request)
    )
    return response


def without_session(response: AnyResponse) -> AnyResponse:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def remember(response: Response, request: Request, name: str, value: str) -> None:
    """A choice of this browser, for a year; nothing secret."""
    response.set_cookie(name, value, max_age=YEAR_S, httponly=True, samesite="strict", secure=not _on_loopback(request))


def came_from(request: Request) -> str:
    """The page of this service that sent a form, with its query; `/` where the browser does not say."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", "") or not parts.path.startswith("/") or parts.path.startswith("//"):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def local_path(wanted: str) -> str:
    """`wanted` where it is a path of this service, else `/`: nobody is led elsewhere after signing in."""
    parts = urlsplit(wanted)
    foreign = parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith(("//", "/sign-in"))
    return "/" if foreign or "\\" in wanted or not wanted.isprintable() else wanted


def from_elsewhere(request: Request) -> bool:
    """Whether another site's page sent this form. Without a session the guard does not look."""
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host", "")


def not_kept(request: Request, public_url: str) -> bool:
    """Whether the browser will drop the Secure cookie, because it came here without TLS."""
    encrypted = "https" in (request.url.scheme, urlsplit(public_url).scheme)  # a trusted proxy's word is in the scheme
    return not encrypted and not _on_loopback(request)


def _on_loopback(request: Request) -> bool:
    host = request.url.hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
