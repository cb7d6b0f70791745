"""The operators' page in a real Chromium, against the real service, with real boxes on rendered fires."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.needs import program
from tests.serving import pictures
from tests.serving.service import Service, running

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program("chromium", "chromium-browser"), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own with one operator."""
    with running(tmp_path_factory.mktemp("desk") / "state") as service:
        service.cli("users", "add", "wang", "--role", "operator", "--password", "correct horse battery")
        yield service


@pytest.fixture
def page(browser: Browser, desk: Service) -> Iterator[Page]:
    """A signed-in page that fails the test for any fault in it and any request that leaves the service."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    opened.on("request", lambda asked: None if asked.url.startswith((desk.url, "data:", "blob:")) else faults.append(asked.url))
    opened.goto(desk.cli("users", "link", "wang"))
    opened.wait_for_url(f"{desk.url}/")
    expect(opened.locator("#link-state")).to_have_text("live")
    yield opened
    context.close()
    assert faults == []


def _burn(service: Service, camera: str, name: str = "") -> None:
    """A camera that sees a fire, until it is raised."""
    start = datetime.now(UTC) - timedelta(seconds=15)
    with service.client() as client:
        client.post("/v1/cameras", json={"id": camera, "name": name or camera})
        for second in range(12):
            headers = {"Captured-At": (start + timedelta(seconds=second)).isoformat()}
            answer = client.post(f"/v1/cameras/{camera}/frames", content=pictures.fire(30 + second), headers=headers).json()
            if any(event["change"] == "raised" for event in answer["events"]):
                return
    raise AssertionError("no event was raised")


def _row(page: Page, name: str, list_id: str = "waiting") -> object:
    return page.locator(f"#{list_id} .row", has_text=name).first


def test_an_event_appears_by_itself_with_its_boxes(page: Page, desk: Service) -> None:
    _burn(desk, "live-1", "Street one")
    expect(page.locator("#waiting .row", has_text="Street one").first).to_be_visible(timeout=10_000)
    page.locator("#waiting .row", has_text="Street one").first.click()
    expect(page.locator("#headline")).to_contain_text("Street one")
    expect(page.locator("#boxes rect").first).to_be_attached()
    expect(page.locator("#reason")).to_have_text(re.compile(r"\d of \d sightings in \d+ s"))
    assert page.locator("#picture").evaluate("image => image.complete && image.naturalWidth") == 1280
    picture, overlay = page.locator("#picture").bounding_box(), page.locator("#boxes").bounding_box()
    assert picture == pytest.approx(overlay, abs=1)


def test_the_sequence_is_played_by_key(page: Page, desk: Service) -> None:
    _burn(desk, "play-1", "Played")
    page.locator("#waiting .row", has_text="Played").first.click()
    number = page.locator("#frame-number")
    expect(number).to_have_text(re.compile(r"^\d+ / \d+$"))
    shown = number.inner_text()
    page.keyboard.press("ArrowLeft")
    expect(number).not_to_have_text(shown)
    page.keyboard.press(" ")
    expect(number).to_have_text(shown, timeout=10_000)


@pytest.mark.parametrize(("key", "said"), [("1", "real"), ("2", "false alarm"), ("3", "unsure")])
def test_a_key_decides_and_says_who(page: Page, desk: Service, key: str, said: str) -> None:
    name = f"Decided {key}"
    _burn(desk, f"decide-{key}", name)
    page.locator("#waiting .row", has_text=name).first.click()
    expect(page.locator("#headline")).to_contain_text(name)
    page.keyboard.press(key)
    row = page.locator("#decided .row", has_text=name).first
    expect(row).to_contain_text(f"{said} · wang")
    with desk.client() as client:
        (event,) = client.get("/v1/events", params={"camera": f"decide-{key}", "reviewed": True}).json()["items"][:1]
    assert event["reviews"][-1]["by"] == "wang"


def test_a_button_decides_too(page: Page, desk: Service) -> None:
    _burn(desk, "button-1", "By button")
    page.locator("#waiting .row", has_text="By button").first.click()
    page.get_by_role("button", name="False alarm").click()
    expect(page.locator("#decided .row", has_text="By button").first).to_be_visible()


def test_a_script_in_a_name_is_text(page: Page, desk: Service) -> None:
    _burn(desk, "script-1", SCRIPT)
    row = page.locator("#waiting .row", has_text="onerror").first
    expect(row).to_contain_text(SCRIPT)
    row.click()
    expect(page.locator("#headline")).to_contain_text(SCRIPT)
    assert page.locator(".row img, .row script, #headline img").count() == 0


def test_a_lost_connection_is_said_and_made_good(page: Page, desk: Service) -> None:
    desk.stop()
    expect(page.locator("#link-state")).to_contain_text("connection lost", timeout=10_000)
    desk.start()
    _burn(desk, "after-1", "After the break")
    expect(page.locator("#link-state")).to_have_text("live", timeout=20_000)
    expect(page.locator("#waiting .row", has_text="After the break").first).to_be_visible(timeout=10_000)


def test_a_link_signs_in_once(browser: Browser, desk: Service) -> None:
    link = desk.cli("users", "link", "wang")
    first, second = browser.new_context(), browser.new_context()
    page = first.new_page()
    page.goto(link)
    page.wait_for_url(f"{desk.url}/")
    cookie = next(one for one in first.cookies() if one["name"] == "balefire_session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page = second.new_page()
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("used already")
    first.close()
    second.close()


def test_a_password_and_where_one_wanted_to_go(browser: Browser, desk: Service) -> None:
    context = browser.new_context()
    page = context.new_page()
    context.add_cookies([{"name": "balefire_session", "value": "forged", "url": desk.url}])
    page.goto(f"{desk.url}/docs")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/docs$"))
    page.get_by_label("Name").fill("wang")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{desk.url}/docs")
    expect(page.get_by_text("POST /v1/detect")).to_be_visible()
    page.goto(desk.url)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto(desk.url)
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/$"))
    context.close()


def test_a_write_from_another_page_is_refused(browser: Browser, desk: Service) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(desk.cli("users", "link", "wang"))
    page.wait_for_url(f"{desk.url}/")
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    context.close()
    for origin in ({"Origin": "http://evil.example"}, {}):
        headers = {"Cookie": cookie, **origin}
        answer = httpx.post(f"{desk.url}/v1/events/x/reviews", json={"verdict": "real"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin")


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_sign_in_leads_nowhere_else(desk: Service, next_page: str) -> None:
    form = {"name": "wang", "password": "correct horse battery", "next": next_page}
    answer = httpx.post(f"{desk.url}/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_guessing_is_stopped(tmp_path: Path) -> None:
    with running(tmp_path / "state") as service:
        codes = [httpx.post(f"{service.url}/sign-in", data={"name": "x", "password": "y"}).status_code for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2


def test_the_source_comes_with_it(page: Page, desk: Service) -> None:
    with page.expect_download() as download, pytest.raises(Error, match="Download is starting"):
        page.goto(f"{desk.url}/source")
    assert download.value.suggested_filename == "balefire.tar.gz"
