"""Two languages, whole: every text is marked, and every marked text is translated. Times in the city's zone."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from balefire.domain.errors import BadSetting
from balefire.settings import CHECKOUT, Settings
from balefire.strict_toml import checked
from serving.console.language import CHINESE, ENGLISH, catalogue, speak
from tests.serving.service import Service

CONSOLE = CHECKOUT / "serving" / "console"
SAME_EVERYWHERE = {"balefire", "AGPL", "or", "later", "CSV"}
SPOKEN = ("aria-label", "title", "placeholder", "alt", "aria-description")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every text that stands in templates, pages and scripts, as `make words` finds it."""
    found = tmp_path_factory.mktemp("words") / "console.pot"
    mapping = ["--mapping", str(CHECKOUT / "pyproject.toml"), "--keyword", "t"]
    command = ["pybabel", "-q", "extract", *mapping, "--output-file", str(found), str(CONSOLE)]
    CommandLineInterface().run(command)  # type: ignore[no-untyped-call]
    with found.open("rb") as file:
        return read_po(file)


def test_nothing_is_left_to_translate(written: Catalog) -> None:
    chinese = catalogue(CHINESE)
    translated = {message.id for message in chinese if message.string}
    texts = [message.id for message in written if message.id]
    assert len(texts) > 100
    assert [text for text in texts if text not in translated] == []
    assert [message.id for message in chinese if message.id and message.fuzzy] == []
    assert [message.id for message in chinese if message.id and message.id not in written] == []


def test_a_translation_keeps_its_figures() -> None:
    """What is put into a text has the same names in both languages."""
    for message in catalogue(CHINESE):
        holes = [sorted(re.findall(r"%\(\w+\)s|\{\w+\}", str(text))) for text in (message.id, message.string)]
        assert holes[0] == holes[1], message.id


def test_scripts_say_nothing_but_what_is_marked() -> None:
    files = sorted((CONSOLE / "web" / "src").glob("*words.ts"))
    words = "".join(file.read_text(encoding="utf-8") for file in files)
    words = re.sub(r"/\*\*.*?\*/|//[^\n]*|^import [^\n]*", "", words, flags=re.DOTALL | re.MULTILINE)
    unmarked = re.sub(r'\bt\(\s*"(?:[^"\\]|\\.)*"', "", words)
    literals = re.findall(r'"(?:[^"\\]|\\.)*"|`[^`]*`', unmarked)
    no_words = re.compile(r'"[A-Z]\w+\.\w+"|[^A-Za-z]*')  # the names under which MapLibre asks for its texts
    assert [one for one in literals if not no_words.fullmatch(one)] == ['"balefire"']


@pytest.mark.parametrize("template", sorted((CONSOLE / "templates").glob("*.html")), ids=lambda path: path.name)
def test_templates_say_nothing_but_what_is_marked(template: Path) -> None:
    apart = r"\{% trans.*?endtrans %\}|\{% block body_(class|data) %\}.*?\{% endblock %\}"
    text = re.sub(apart, "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    plain = re.sub(r"<kbd>.*?</kbd>|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    spoken = [value for name in SPOKEN for value in re.findall(rf'\b{name}="([^"]*)"', plain)]
    between = re.sub(r"<[^>]*>", " ", plain)
    said = set(re.findall(r"[A-Za-z]+", " ".join([between, *spoken])))
    assert said - SAME_EVERYWHERE == set()


@pytest.mark.parametrize(
    ("chosen", "accepted", "spoken"),
    [
        ("", "", ENGLISH),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", CHINESE),
        ("", "zh-TW", CHINESE),
        ("", "de,en;q=0.5,zh;q=0.7", CHINESE),
        ("", "zh;q=0, en", ENGLISH),
        ("", "fr", ENGLISH),
        ("", "zh;q=nonsense, ;,", ENGLISH),
        ("en", "zh-CN", ENGLISH),
        ("zh-CN", "en", CHINESE),
        ("../../etc/passwd", "zh", CHINESE),
    ],
)
def test_who_hears_what(chosen: str, accepted: str, spoken: str) -> None:
    assert speak(chosen, accepted) == spoken


def test_a_choice_is_kept_and_leads_back(service: Service) -> None:
    page = f"{service.url}/sign-in?next=%2Fdocs"
    with httpx.Client(headers={"Referer": page, "Origin": service.url}) as client:
        assert '<html lang="en"' in client.get(page).text
        for choice in ({"language": "zh-CN"}, {"theme": "dark"}):
            answer = client.post(f"{service.url}/choices", data=choice)
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fdocs")
        text = client.get(page).text
        assert '<html lang="zh-CN" data-theme="dark"' in text
        assert "登录" in text


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({"Origin": "https://evil.example"}, {"language": "zh-CN"}),
        ({}, {"language": "xx"}),
        ({}, {"theme": "<script>"}),
        ({"Referer": "https://evil.example/x"}, {}),
        ({"Referer": "http://127.0.0.1//evil.example"}, {}),
    ],
)
def test_a_choice_that_is_none(service: Service, headers: dict[str, str], form: dict[str, str]) -> None:
    answer = httpx.post(f"{service.url}/choices", data=form, headers=headers)
    assert (answer.status_code, answer.headers["location"], "set-cookie" in answer.headers) == (303, "/", False)


def test_a_zone_that_does_not_exist_stops_the_start() -> None:
    assert checked(Settings, {"time_zone": "Asia/Shanghai"}, "x").time_zone == "Asia/Shanghai"
    for zone in ("Asia/Beijing", "", "../etc", "UTC+8"):
        with pytest.raises(BadSetting, match="time zone"):
            checked(Settings, {"time_zone": zone}, "x")
