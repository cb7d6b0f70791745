"""The operators' pages: sign-in, the queue, people. What they show comes from the same HTTP API that everybody uses."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from balefire.adapters.passwords import verify_password
from balefire.domain.access import Principal, Scope
from balefire.domain.units import in_tree_order
from balefire.flows import access
from serving.api.wire import Needs, TheHouse
from serving.console.attempts import Attempts
from serving.console.language import LANGUAGES, N_
from serving.console.render import LANGUAGE_COOKIE, STATIC, THEME_COOKIE, THEMES, look, page
from serving.console.session import came_from, from_elsewhere, local_path, not_kept, remember, with_session, without_session
from serving.guard import COOKIE

NEWEST = 50
WRONG = N_("Name or password is wrong.")
USED = N_("This link was used already, or its 15 minutes are over.")
ELSEWHERE = N_("That form came from another site. Sign in here.")
TOO_MANY = N_("Too many attempts. Wait a minute, then try again.")

router = APIRouter(include_in_schema=False)
attempts = Attempts()
Reader = Annotated[Principal, Depends(Needs(Scope.READ))]
Admin = Annotated[Principal, Depends(Needs(Scope.ADMIN))]
Field = Annotated[str, Form()]


def static_files() -> StaticFiles:
    """Built assets under hashed names; they hold nothing private."""
    return StaticFiles(directory=STATIC)


@router.get("/")
@router.get("/events/{event_id}")
async def console(request: Request, reader: Reader) -> Response:
    """What waits for a person's decision; with an event's id in the path, that event is open."""
    may_review, may_command = reader.may(Scope.REVIEW), reader.may(Scope.COMMAND)
    return await page(
        request, "console.html", script="src/console.ts", reader=reader, may_review=may_review, may_command=may_command
    )


@router.get("/docs")
async def docs(request: Request, reader: Reader) -> Response:
    """Every route, from the service's own description of itself."""
    return await page(request, "docs.html", script="src/docs.ts", reader=reader)


@router.get("/people")
async def people(request: Request, house: TheHouse, admin: Admin) -> Response:
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
    whole_house = admin.reach.everywhere
    return await page(request, "people.html", reader=admin, names=names, whole_house=whole_house, **found)


@router.get("/sign-in")
async def sign_in_form(request: Request, next: str = "/") -> Response:
    return await _door(request, next)


@router.post("/sign-in")
async def sign_in(request: Request, house: TheHouse, name: Field = "", password: Field = "", next: Field = "/") -> Response:
    """Name and password to a session."""
    address = request.client.host if request.client else ""
    if from_elsewhere(request):
        return await _door(request, next, 403, ELSEWHERE)
    if not attempts.take(address, name):
        return await _door(request, next, 429, TOO_MANY, name)
    token = await house.in_thread(access.sign_in, house.database, house.clock.now(), name, password, verify_password)
    if token is None:
        return await _door(request, next, 401, WRONG, name)
    attempts.forget(address, name)
    return with_session(RedirectResponse(local_path(next), 303), request, token)


@router.get("/sign-in/{token}")
async def link(token: str, request: Request) -> Response:
    """Reading the address redeems nothing: mail scanners and previews read it too."""
    return await page(request, "link.html", script="src/link.ts", token=token)


@router.post("/sign-in/{token}")
async def redeem(token: str, request: Request, house: TheHouse) -> Response:
    """The one use of a one-time link."""
    if from_elsewhere(request):
        return await _door(request, "/", 403, ELSEWHERE)
    session = await house.in_thread(access.redeem_link, house.database, house.clock.now(), token)
    if session is None:
        return await _door(request, "/", 401, USED)
    return with_session(RedirectResponse("/", 303), request, session)


@router.post("/sign-out")
async def sign_out(request: Request, house: TheHouse, _: Reader) -> Response:
    await house.in_thread(access.sign_out, house.database, house.clock.now(), request.cookies.get(COOKIE, ""))
    return without_session(RedirectResponse("/sign-in", 303))


@router.post("/choices")
async def choose(request: Request, language: Field = "", theme: Field = "") -> Response:
    """Language and colours, for this browser; back to where the person was. Nobody needs to be signed in."""
    answer = RedirectResponse(came_from(request), 303)
    if not from_elsewhere(request):
        for cookie, chosen, known in ((LANGUAGE_COOKIE, language, LANGUAGES), (THEME_COOKIE, theme, THEMES)):
            if chosen in known:
                remember(answer, request, cookie, chosen)
    return answer


async def _door(request: Request, onward: str, status: int = 200, fault: str = "", name: str = "") -> Response:
    """The sign-in form, with what was wrong."""
    warn, said = not_kept(request, request.app.state.house.settings.public_url), look(request)._(fault)
    return await page(request, "sign_in.html", status, next=local_path(onward), fault=said, name=name, not_kept=warn)
