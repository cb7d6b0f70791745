"""The language of a page: what the person chose, else what their browser asks for. The catalogues stand in `locale/`."""

from __future__ import annotations

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
ENGLISH, CHINESE = "en", "zh-CN"
LANGUAGES = {ENGLISH: "English", CHINESE: "中文"}
FAMILIES = {language.partition("-")[0]: language for language in LANGUAGES}


def N_(text: str) -> str:
    """Mark a text for the translators where it is written; it is translated where it is shown."""
    return text


def speak(chosen: str, accepted: str) -> str:
    """`chosen`: from the cookie, "" for no choice. `accepted`: the header Accept-Language."""
    if chosen in LANGUAGES:
        return chosen
    wanted = sorted((_wish(part) for part in accepted.split(",")), key=lambda wish: -wish[1])
    return next((FAMILIES[family] for family, weight in wanted if weight > 0 and family in FAMILIES), ENGLISH)


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> NullTranslations:
    """The texts are written in English, which therefore needs no catalogue."""
    if language == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def catalogue(language: str) -> Catalog:
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


@lru_cache(maxsize=len(LANGUAGES))
def script_texts(language: str) -> dict[str, str]:
    """English to `language`, of what the page's scripts say."""
    if language == ENGLISH:
        return {}
    return {
        message.id: str(message.string)
        for message in catalogue(language)
        if isinstance(message.id, str) and any(path.endswith(".ts") for path, _ in message.locations)
    }


def _wish(part: str) -> tuple[str, float]:
    """The family of a language and its weight: `zh-TW;q=0.8` is ("zh", 0.8)."""
    tag, _, weight = part.partition(";")
    try:
        return tag.strip().partition("-")[0].lower(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return "", 0.0
