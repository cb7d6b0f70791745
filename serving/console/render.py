"""A template as a page: in the reader's language, colours and the city's time, marked while a drill runs, with its script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from balefire import __version__
from balefire.domain.access import Principal, Scope
from balefire.domain.drill import Drill
from balefire.flows import zones
from balefire.flows.drill import current
from serving.console import names
from serving.console.language import LANGUAGES, N_, script_texts, speak, translations
from serving.house import House

HERE = Path(__file__).parent
STATIC = HERE / "static"
MANIFEST = STATIC / "dist" / ".vite" / "manifest.json"
LANGUAGE_COOKIE, THEME_COOKIE = "balefire_language", "balefire_theme"
THEMES = {"light": N_("Light"), "dark": N_("Dark"), "auto": N_("As this device")}


@dataclass(frozen=True, slots=True)
class Look:
    """How one reader sees a page."""

    language: str
    theme: str
    zone: str

    def _(self, text: str) -> str:
        return translations(self.language).gettext(text) if text else ""  # gettext("") is the catalogue's header

    def moment(self, at: datetime | None) -> str:
        return self.local(at).strftime("%F %T") if at else ""

    def day(self, at: datetime | None) -> str:
        return self.local(at).strftime("%F") if at else ""

    def span(self, seconds: float | None) -> str:
        """A time that something took, in its largest unit; – where it is not known."""
        if seconds is None:
            return "–"
        for size, text in ((86_400, N_("%(n)s d")), (3600, N_("%(n)s h")), (60, N_("%(n)s min"))):
            if seconds >= size:
                return self._(text) % {"n": f"{seconds / size:.1f}"}
        return self._(N_("%(n)s s")) % {"n": f"{seconds:.0f}"}

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))


def look(request: Request) -> Look:
    house: House = request.app.state.house
    language = speak(request.cookies.get(LANGUAGE_COOKIE, ""), request.headers.get("accept-language", ""))
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return Look(language, theme if theme in THEMES else "auto", house.settings.time_zone)


async def page(
    request: Request, template: str, status: int = 200, script: str = "", reader: Principal | None = None, **values: Any
) -> Response:
    """`script`: its source below web/. `reader`: who is signed in; None: nobody, so the page shows no way into the house.

    The manifest of the scripts is read anew each time: a build needs no restart.
    """
    how = look(request)
    house: House = request.app.state.house
    drill, zones_waiting = await house.in_thread(_common, house, reader)
    common = {
        "look": how, "drill": drill, "zones_waiting": zones_waiting, "languages": LANGUAGES, "themes": THEMES,
        "reader": reader, "may_manage": reader is not None and reader.may(Scope.ADMIN), "path": request.url.path,
        "texts": script_texts(how.language), "version": __version__,
    }  # fmt: skip
    if not MANIFEST.is_file():
        return HTMLResponse(_templates(how).get_template("missing.html").render(**common), 503)
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    styles = [f"/static/dist/{file}" for file in _styles(manifest, script)]
    source = f"/static/dist/{manifest[script]['file']}" if script else None
    text = _templates(how).get_template(template).render(**common, styles=styles, script=source, **values)
    return HTMLResponse(text, status, headers={"Retry-After": "60"} if status == 429 else None)


def _styles(manifest: dict[str, Any], script: str) -> list[str]:
    """The style of every page, and what the script brings with it."""
    return [manifest["src/style.css"]["file"], *manifest.get(script, {}).get("css", [])]


@lru_cache(maxsize=16)
def _templates(how: Look) -> Environment:
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.install_gettext_translations(translations(how.language), newstyle=True)  # type: ignore[attr-defined]
    found.filters.update(
        moment=how.moment, day=how.day, span=how.span, local=how.local, named=lambda code: how._(names.of(str(code)))
    )
    return found


def _common(house: House, reader: Principal | None) -> tuple[Drill | None, int | None]:
    """The drill that runs, and for whoever may decide how many ignore zones wait for a decision."""
    with house.database.read() as work:
        deciding = reader is not None and reader.may(Scope.REVIEW)
        return current(work), zones.waiting(work, house.clock.now(), reader.reach) if reader and deciding else None
