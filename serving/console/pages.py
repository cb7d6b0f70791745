"""The operators' pages: sign-in and the queue. What they show comes from the same HTTP API that everybody uses."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader

from balefire.adapters.passwords import verify_password
from balefire.domain.access import Principal, Scope
from balefire.domain.drill import Drill
from balefire.domain.units import in_tree_order
from balefire.flows import access
from balefire.flows.drill import current
from serving.api.wire import Needs, TheHouse
from serving.console.attempts import Attempts
from serving.console.session import from_elsewhere, local_path, not_kept, with_session, without_session
from serving.guard import COOKIE
from serving.house import House

NEWEST = 50
HERE = Path(__file__).parent
STATIC = HERE / "static"
MANIFEST = STATIC / "dist" / ".vite" / "manifest.json"
WRONG = "Name or password is wrong."
USED = "This link was used already, or its 15 minutes are over."
ELSEWHERE = "That form came from another site. Sign in here."
TOO_MANY = "Too many attempts. Wait a minute, then try again."

router = APIRouter(include_in_schema=False)
templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
templates.globals.setdefault("_", lambda text: text)
attempts = Attempts()
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Admin = Annotated[Principal, Depends(Needs(Scope.ADMIN))]
Field = Annotated[str, Form()]


def static_files() -> StaticFiles:
    """Built assets under hashed names; they hold nothing private."""
    return StaticFiles(directory=STATIC)


@router.get("/")
@router.get("/events/{event_id}")
async def console(house: TheHouse, reader: Reader) -> Response:
    """What waits for a person's decision; with an event's id in the path, that event is open."""
    drill, may = await _drill(house), {"may_review": reader.may(Scope.REVIEW), "may_manage": reader.may(Scope.ADMIN)}
    return _page("console.html", drill, script="src/console.ts", name=reader.name, **may)


@router.get("/docs")
async def docs(house: TheHouse, _: Reader) -> Response:
    """Every route, from the service's own description of itself."""
    return _page("docs.html", await _drill(house), script="src/docs.ts")


@router.get("/people")
async def people(house: TheHouse, admin: Admin) -> Response:
    """Units, users and keys of whoever looks; for the whole house, the newest entries of the audit log too."""

    def read() -> dict[str, Any]:
        with house.database.read() as work:
            return {
                "units": list(in_tree_order(work.units.page(admin.reach))), "cameras": work.units.camera_counts(),
                "users": work.people.users(admin.reach), "keys": work.people.keys(admin.reach),
                "entries": work.audit.page(limit=NEWEST) if admin.reach.everywhere else [],
            }  # fmt: skip

    found = await house.in_thread(read)
    names = {unit.id: unit.name for _, unit in found["units"]}
    return _page("people.html", await _drill(house), names=names, whole_house=admin.reach.everywhere, **found)


@router.get("/sign-in")
async def sign_in_form(request: Request, house: TheHouse, next: str = "/") -> Response:
    return await _door(request, house, next)


@router.post("/sign-in")
async def sign_in(request: Request, house: TheHouse, name: Field = "", password: Field = "", next: Field = "/") -> Response:
    """Name and password to a session."""
    address = request.client.host if request.client else ""
    if from_elsewhere(request):
        return await _door(request, house, next, 403, ELSEWHERE)
    if not attempts.take(address, name):
        return await _door(request, house, next, 429, TOO_MANY, name)
    token = await house.in_thread(access.sign_in, house.database, house.clock.now(), name, password, verify_password)
    if token is None:
        return await _door(request, house, next, 401, WRONG, name)
    attempts.forget(address, name)
    return with_session(RedirectResponse(local_path(next), 303), request, token)


@router.get("/sign-in/{token}")
async def link(token: str, house: TheHouse) -> Response:
    """Reading the address redeems nothing: mail scanners and previews read it too."""
    return _page("link.html", await _drill(house), script="src/link.ts", token=token)


@router.post("/sign-in/{token}")
async def redeem(token: str, request: Request, house: TheHouse) -> Response:
    """The one use of a one-time link."""
    if from_elsewhere(request):
        return await _door(request, house, "/", 403, ELSEWHERE)
    session = await house.in_thread(access.redeem_link, house.database, house.clock.now(), token)
    if session is None:
        return await _door(request, house, "/", 401, USED)
    return with_session(RedirectResponse("/", 303), request, session)


@router.post("/sign-out")
async def sign_out(request: Request, house: TheHouse, _: Reader) -> Response:
    await house.in_thread(access.sign_out, house.database, house.clock.now(), request.cookies.get(COOKIE, ""))
    return without_session(RedirectResponse("/sign-in", 303))


async def _door(request: Request, house: House, onward: str, status: int = 200, fault: str = "", name: str = "") -> Response:
    """The sign-in form, with what was wrong."""
    warn = not_kept(request, house.settings.public_url)
    return _page("sign_in.html", await _drill(house), status, next=local_path(onward), fault=fault, name=name, not_kept=warn)


async def _drill(house: House) -> Drill | None:
    def read() -> Drill | None:
        with house.database.read() as work:
            return current(work)

    return await house.in_thread(read)


def _page(template: str, drill: Drill | None, status: int = 200, script: str = "", **values: Any) -> Response:
    """A template, marked while a drill runs, with its built script and style, or how to build them.

    Read anew each time: a build needs no restart.
    """
    if not MANIFEST.is_file():
        return HTMLResponse(templates.get_template("missing.html").render(drill=drill), 503)
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    files = {entry: f"/static/dist/{built['file']}" for entry, built in manifest.items()}
    page = templates.get_template(template).render(
        style=files["src/style.css"], script=files.get(script), version=version("balefire"), drill=drill, **values
    )
    return HTMLResponse(page, status, headers={"Retry-After": "60"} if status == 429 else None)
