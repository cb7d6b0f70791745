"""The one ASGI middleware: who may, how many bytes, and problem+json, for every route, BentoML's own included.

BentoML answers some paths before the mounted app, so nothing below may be relied on for this.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders, State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from balefire.domain import access
from balefire.domain.errors import BalefireError, BodyTooLarge
from serving.house import House
from serving.problems import MEDIA_TYPE, problem, refusal
from serving.typed_body import checked_body

log = logging.getLogger("balefire.guard")

COOKIE = "balefire_session"
PUBLIC = ("/livez", "/readyz", "/sign-in", "/choices")
PUBLIC_BELOW = ("/sign-in/", "/static/")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Routes that BentoML answers itself; the mounted app checks its own.
BENTOML_SCOPES = {"/detect": access.Scope.FRAMES}
BENTOML_BELOW = ("/metrics", "/docs.json", "/schema.json", "/static_content", "/healthz")
WHOLE_HOUSE_BELOW = ("/metrics",)
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


class Refused(Exception):
    """A refusal by the guard itself."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.body, self.headers = status, problem(status, code, detail), headers or {}


class Guard:
    """`state.house` is set when the service has started."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no route speaks WebSocket
        answer = _Answer(scope, send)
        try:
            house: House = self.state.house
            receive = _limited(scope, receive, house.settings.byte_limit)
            if not _is_public(scope["path"]):
                principal = await self._principal(house, scope)
                scope["principal"] = principal
                scope["principal_again"] = partial(self._principal_again, house, scope)
                _require_scope(scope["path"], principal)
            if scope["path"] == "/detect":
                receive = await checked_body(scope, receive, house.settings.pixel_limit)
            await self.app(scope, receive, answer.send)
        except Refused as refused:
            await answer.refuse(refused.status, refused.body, refused.headers)
        except BalefireError as error:
            await answer.refuse(*refusal(error))
        except Exception:  # the last line of defence: a fault of ours is a clear 500 and a line in the log
            log.exception("%s %s", scope["method"], scope["path"])
            await answer.refuse(500, problem(500, "internal", "an error of ours; it is in the log"), {})

    async def _principal_again(self, house: House, scope: Scope) -> access.Principal | None:
        """Who the same request would come from now: a long answer asks again. None: nobody any more."""
        try:
            return await self._principal(house, scope)
        except Refused:
            return None

    async def _principal(self, house: House, scope: Scope) -> access.Principal:
        headers = Headers(scope=scope)
        kind, _, text = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            principal = await house.key_principal(text.strip())
            if principal is None:
                raise Refused(401, "unauthorized", "this key opens nothing: wrong or revoked", {"WWW-Authenticate": "Bearer"})
            return principal
        token = _cookie(headers)
        principal = await house.session_principal(token) if token else None
        if principal is None:
            if "text/html" in headers.get("accept", "") and scope["method"] == "GET":
                raise Refused(303, "sign_in", "sign in first", {"Location": f"/sign-in?next={quote(_asked(scope))}"})
            raise Refused(401, "unauthorized", "needs Authorization: Bearer <key> or a session", {"WWW-Authenticate": "Bearer"})
        if scope["method"] not in SAFE_METHODS:
            _require_same_origin(headers)
        return principal


def _asked(scope: Scope) -> str:
    """The path with its query: filters stand in it."""
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _is_public(path: str) -> bool:
    return path in PUBLIC or path.startswith(PUBLIC_BELOW)


def _require_scope(path: str, principal: access.Principal) -> None:
    scope = BENTOML_SCOPES.get(path) or (access.Scope.READ if path.startswith(BENTOML_BELOW) else None)
    if scope is not None and not principal.may(scope):
        raise Refused(403, "forbidden", f"needs the scope {scope}")
    if path.startswith(WHOLE_HOUSE_BELOW) and not principal.reach.everywhere:
        raise Refused(403, "out_of_reach", "this names every camera, so it is for the whole house only")


def _require_same_origin(headers: Headers) -> None:
    """A write by cookie must come from our own page: the browser says so in Origin."""
    origin = headers.get("origin", "")
    if origin.partition("://")[2] != headers.get("host", ""):
        raise Refused(403, "wrong_origin", "a write with a session must come from this service's own page")


def _cookie(headers: Headers) -> str | None:
    from http.cookies import CookieError, SimpleCookie

    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Refuse a body over `limit` bytes: by its declared length before a byte is read, else as soon as it is passed."""
    declared = Headers(scope=scope).get("content-length", "0")
    too_large = BodyTooLarge(f"a body holds at most {limit} bytes")
    if not declared.isdigit():
        raise Refused(400, "bad_request", "Content-Length is not a number")
    if int(declared) > limit:
        raise too_large
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise too_large
        return message

    return counted


class _Answer:
    """What goes out: security headers on everything, problem+json instead of any other error body."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self._started = False
        self._replacing: int | None = None
        self._kept: dict[str, str] = {}
        self._said = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            kind = headers.get("content-type", "")
            if message["status"] >= 400 and not kind.startswith((MEDIA_TYPE, "text/html")):
                self._replacing = message["status"]
                self._kept = {name: headers[name] for name in ("Retry-After", "Allow") if name in headers}
                return
            _secure(headers, kind)
            message["headers"] = headers.raw
            self._started = True
        elif self._replacing is not None:
            self._said += message.get("body", b"")
            if not message.get("more_body"):
                detail = _detail(self._said)
                await self.refuse(self._replacing, problem(self._replacing, _code(self._replacing), detail), self._kept)
            return
        await self._send(message)

    async def refuse(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Send a whole refusal, unless a response is already on its way."""
        if self._started:
            return
        self._started = True
        out = MutableHeaders({**headers, "Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))})
        _secure(out, MEDIA_TYPE)
        await self._send({"type": "http.response.start", "status": status, "headers": out.raw})
        await self._send({"type": "http.response.body", "body": body})


def _secure(headers: MutableHeaders, kind: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    if kind.startswith("text/html"):
        headers["Content-Security-Policy"] = POLICY
        headers["X-Frame-Options"] = "DENY"
    headers.setdefault("Cache-Control", "no-store")


def _code(status: int) -> str:
    codes = {404: "not_found", 405: "method_not_allowed", 422: "bad_input", 415: "not_an_image", 503: "busy"}
    return codes.get(status, "bad_request" if status < 500 else "internal")


def _detail(said: bytes) -> str:
    """What another layer said, in its own JSON or plain text."""
    try:
        value: Any = json.loads(said)
    except ValueError:
        return said.decode(errors="replace").strip()[:500] or "refused"
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("detail") or value.get("error") or value
    return value if isinstance(value, str) else json.dumps(value)
