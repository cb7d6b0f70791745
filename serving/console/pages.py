"""The operators' pages: sign-in and the queue. What they show comes from the same HTTP API that everybody uses."""

from __future__ import annotations

import ipaddress
import json
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader

from balefire.domain.access import Principal, Scope
from balefire.flows import access
from serving.api.wire import Needs, TheHouse

HERE = Path(__file__).parent
STATIC = HERE / "static"
MANIFEST = STATIC / "dist" / ".vite" / "manifest.json"
COOKIE = "balefire_session"
TRIES, TRIES_S = 10, 300.0  # failed sign-ins for one name or from one address
FORM_BYTES = 4096

router = APIRouter(include_in_schema=False)
templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
failures: defaultdict[str, deque[float]] = defaultdict(deque)


def static_files() -> StaticFiles:
    """Built assets under hashed names; they hold nothing private."""
    return StaticFiles(directory=STATIC)


@router.get("/")
async def queue(reader: Reader) -> Response:
    """What waits for a person's decision."""
    return _page("queue.html", script="src/queue.ts", name=reader.name, may_review=reader.may(Scope.REVIEW))


@router.get("/docs")
async def docs(_: Reader) -> Response:
    """Every route, from the service's own description of itself."""
    return _page("docs.html", script="src/docs.ts")


@router.get("/sign-in")
async def sign_in_form(next: str = "/") -> Response:
    return _page("sign_in.html", next=_local(next))


@router.post("/sign-in")
async def sign_in(request: Request, house: TheHouse) -> Response:
    """Name and password to a session; ten wrong ones in five minutes close the door for that name and address."""
    from balefire.adapters.passwords import verify_password

    form = await _form(request)
    name, onward = form.get("name", ""), _local(form.get("next", "/"))
    marks = (f"name {name[:100]}", f"address {request.client.host if request.client else ''}")
    if any(_barred(mark) for mark in marks):
        return _page("sign_in.html", 429, next=onward, fault="Too many wrong passwords. Try again in five minutes.")
    token = await house.in_thread(
        access.sign_in, house.database, house.clock.now(), name, form.get("password", ""), verify_password
    )
    if token is None:
        for mark in marks:
            failures[mark].append(time.monotonic())
        return _page("sign_in.html", 401, next=onward, name=name, fault="Name or password is wrong.")
    return _signed_in(request, token, onward)


@router.get("/sign-in/{token}")
async def link(token: str) -> Response:
    """Reading the address redeems nothing: mail scanners and previews read it too."""
    return _page("link.html", script="src/link.ts", token=token)


@router.post("/sign-in/{token}")
async def redeem(token: str, request: Request, house: TheHouse) -> Response:
    """The one use of a one-time link."""
    session = await house.in_thread(access.redeem_link, house.database, house.clock.now(), token)
    if session is None:
        return _page("sign_in.html", 401, next="/", fault="This link was used already, or its 15 minutes are over.")
    return _signed_in(request, session, "/")


@router.post("/sign-out")
async def sign_out(request: Request, house: TheHouse, _: Reader) -> Response:
    await house.in_thread(access.sign_out, house.database, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _signed_in(request: Request, token: str, onward: str) -> Response:
    answer = RedirectResponse(onward, 303)
    secure = request.url.scheme == "https" or not _loopback(request)
    seconds = int(access.SESSION.total_seconds())
    answer.set_cookie(COOKIE, token, max_age=seconds, httponly=True, samesite="strict", secure=secure)
    return answer


def _loopback(request: Request) -> bool:
    host = request.url.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _local(path: str) -> str:
    """A path of this service, never another's address."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; none where the body is no form."""
    body = await request.body()
    if len(body) > FORM_BYTES:
        return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _barred(mark: str) -> bool:
    recent = failures[mark]
    while recent and time.monotonic() - recent[0] > TRIES_S:
        recent.popleft()
    if not recent:
        del failures[mark]
    return len(recent) >= TRIES


def _page(template: str, status: int = 200, script: str = "", **values: Any) -> Response:
    if not MANIFEST.is_file():
        return HTMLResponse("<h1>The page is not built</h1><p>Run <code>make assets</code>, then reload.</p>", 503)
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    files = {name: f"/static/dist/{entry['file']}" for name, entry in manifest.items()}
    html = templates.get_template(template).render(style=files["src/style.css"], script=files.get(script), **values)
    return HTMLResponse(html, status)
