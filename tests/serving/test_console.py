"""The operators' page in a real Chromium, on the real service, with the released detector's own boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.serving.browser import PASSWORD, Seat, seat
from tests.serving.fires import burn_on
from tests.serving.service import Service, running

numbers = count()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own: nothing waits but what these tests raise."""
    with running(tmp_path_factory.mktemp("console") / "state") as service:
        with service.client() as admin:
            for name, role in (("lin", "operator"), ("wang", "operator"), ("guest", "viewer")):
                body = {"name": name, "role": role, "password": PASSWORD}
                assert admin.post("/v1/users", json=body).status_code == 201
        yield service


@pytest.fixture
def lin(browser: Browser, desk: Service) -> Iterator[Seat]:
    """Lin sits at the page; nothing there may fail or ask another server for anything."""
    with seat(browser, desk) as sitting:
        sitting.open()
        sitting.sign_in("lin", PASSWORD)
        sitting.wait_for_live()
        yield sitting
        assert sitting.faults == []
        assert sitting.elsewhere == []


def raise_event(service: Service, name: str = "") -> str:
    """A fire on a new camera: the name it is shown by."""
    camera = f"cam-{next(numbers)}"
    name = name or f"Mast {camera} (rendered)"
    with service.client() as client:
        assert client.post("/v1/cameras", json={"id": camera, "name": name}).status_code == 201
        burn_on(client, camera)
        events = client.get("/v1/events", params={"camera": camera, "raised": True}).json()["items"]
    assert [event["hazard"] for event in events] == ["flame"]
    return name


def session_of(sitting: Seat) -> str:
    return next(str(cookie["value"]) for cookie in sitting.page.context.cookies() if cookie["name"] == "balefire_session")


def test_a_link_signs_in_once(browser: Browser, desk: Service) -> None:
    link = urlsplit(desk.cli("users", "link", "lin")).path
    assert httpx.get(desk.url + link).status_code == 200  # what looks ahead at links uses none up
    with seat(browser, desk) as first:
        first.open(link)
        first.wait_for_live()
        (cookie,) = first.page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)
        assert (first.faults, first.elsewhere) == ([], [])
    with seat(browser, desk) as second:
        second.open(link)
        expect(second.page.get_by_role("alert")).to_contain_text("used already")
        assert second.page.context.cookies() == []


def test_a_wrong_password_is_said_and_many_are_stopped(desk: Service) -> None:
    with httpx.Client(base_url=desk.url) as client:
        for password in ("wrong", "", PASSWORD + " "):
            answer = client.post("/sign-in", data={"name": "wang", "password": password})
            assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (401, "text/html")
            assert "Name or password is wrong." in answer.text
        unknown = client.post("/sign-in", data={"name": "nobody", "password": PASSWORD})
        assert (unknown.status_code, "Name or password is wrong." in unknown.text) == (401, True)
        answers = [client.post("/sign-in", data={"name": "wang", "password": "wrong"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401, 401, 429]
        assert answers[-1].headers["retry-after"] == "60"
        assert not client.cookies


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/docs", "/docs"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:1", "/"),
    ],
)
def test_sign_in_leads_only_into_this_service(desk: Service, wanted: str, led_to: str) -> None:
    answer = httpx.post(f"{desk.url}/sign-in", data={"name": "lin", "password": PASSWORD, "next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, led_to)


def test_a_session_off_loopback_is_for_tls_only(desk: Service) -> None:
    headers = {"Host": "balefire.example"}
    answer = httpx.post(f"{desk.url}/sign-in", data={"name": "lin", "password": PASSWORD}, headers=headers)
    assert "Secure" in answer.headers["set-cookie"]
    assert "without TLS" in httpx.get(f"{desk.url}/sign-in", headers=headers).text


def test_an_event_appears_by_itself_with_its_boxes(lin: Seat, desk: Service) -> None:
    lin.page.evaluate("window.notReloaded = true")
    name = raise_event(desk)
    expect(lin.waiting(name)).to_be_visible()
    lin.choose(name)
    assert lin.page.evaluate("window.notReloaded") is True
    expect(lin.page.locator("#reason")).to_contain_text("sightings in")
    picture, line = lin.page.locator("#picture"), lin.page.locator(".box.own .line").first
    assert picture.evaluate("image => image.naturalWidth") == 1280
    assert "flame" in lin.page.locator(".box.own text").first.inner_html()
    outer, inner = picture.bounding_box(), line.bounding_box()
    assert outer
    assert inner
    assert inner["width"] > 10
    assert outer["x"] <= inner["x"] <= inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    assert outer["y"] <= inner["y"] <= inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    lin.page.keyboard.press("b")
    expect(lin.page.locator(".box")).to_have_count(0)


def test_the_sequence_by_key(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    line, picture = lin.page.locator("#time-line"), lin.page.locator("#picture")
    expect(line).to_have_attribute("aria-valuemax", "8")
    for _ in range(8):
        lin.page.keyboard.press("ArrowLeft")
    expect(line).to_have_attribute("aria-valuenow", "1")
    first = picture.get_attribute("src") or ""
    lin.page.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", "2")
    expect(picture).not_to_have_attribute("src", first)
    lin.page.keyboard.press("Space")
    expect(line).to_have_attribute("aria-valuenow", "8")
    expect(lin.page.locator("#play")).to_have_attribute("aria-label", "Play")


@pytest.mark.parametrize(
    ("keys", "verdict", "reason"),
    [("1", "Real", ""), ("2o", "False", "other"), ("2f", "False", "fog"), ("22", "False", "fog"), ("33", "Unsure", ""),
     ("3c", "Unsure", "cloud")],
)  # fmt: skip
def test_keys_decide(lin: Seat, desk: Service, keys: str, verdict: str, reason: str) -> None:
    if keys == "22":  # the reason before is offered again
        lin.choose(raise_event(desk))
        lin.page.keyboard.type("2f")
    name = raise_event(desk)
    lin.choose(name)
    lin.page.keyboard.type(keys)
    expect(lin.waiting(name)).to_have_count(0)
    expect(lin.decided(name)).to_contain_text(verdict)
    expect(lin.decided(name)).to_contain_text("lin")
    with desk.client() as client:
        decided = client.get("/v1/events", params={"raised": True, "limit": 1}).json()["items"][0]
    assert decided["reviews"][-1]["reason"] == reason


def test_escape_leaves_the_sheet_and_decides_nothing(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    lin.page.keyboard.press("2")
    expect(lin.page.locator("#reasons button")).to_have_count(22)
    lin.page.keyboard.press("Escape")
    expect(lin.page.locator("#reasons")).to_be_hidden()
    expect(lin.waiting(name)).to_be_visible()


def test_a_decision_is_taken_back_by_key(lin: Seat, desk: Service) -> None:
    kept, name = raise_event(desk), raise_event(desk)
    lin.choose(name)
    lin.page.keyboard.type("2w")
    lin.page.keyboard.press("u")  # at once: it waits for the decision to be saved
    expect(lin.page.locator("#camera")).to_have_text(name)
    expect(lin.page.locator("#undone")).to_contain_text("Taken back")
    expect(lin.waiting(name)).to_be_visible()
    expect(lin.waiting(kept)).to_be_visible()
    with desk.client() as client:
        event = client.get("/v1/events", params={"raised": True, "limit": 1}).json()["items"][0]
    first, second = event["reviews"]
    assert (event["verdict"], first["reason"], second["undoes"]) == (None, "welding", first["id"])


def test_of_two_who_decide_at_once_one_is_told(browser: Browser, lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    with seat(browser, desk) as other:
        other.open(urlsplit(desk.cli("users", "link", "wang")).path)
        other.wait_for_live()
        lin.choose(name)
        other.choose(name)

        # What wang decides reaches lin's page only after lin's own press has left it.
        def after_wang(route: Route) -> None:
            decided_by(other, name)
            route.continue_()

        lin.page.route("**/reviews", after_wang)
        lin.page.keyboard.press("1")
        expect(lin.page.locator("#notices")).to_contain_text("wang decided first: False")
        lin.page.unroute("**/reviews")
    expect(lin.decided(name)).to_contain_text("False")
    lin.page.get_by_role("button", name="Show").click()
    expect(lin.page.locator("#verdict")).to_contain_text("wang")
    lin.faults.clear()  # the 409 of the second decision


def decided_by(sitting: Seat, camera: str) -> None:
    sitting.page.keyboard.type("22")
    expect(sitting.decided(camera)).to_contain_text("False")


def test_a_button_decides_and_the_next_one_comes(lin: Seat, desk: Service) -> None:
    older, newer = raise_event(desk), raise_event(desk)
    lin.choose(newer)
    lin.page.get_by_role("button", name="False").click()
    lin.page.get_by_role("button", name="Fog").click()
    expect(lin.decided(newer)).to_contain_text("False")
    expect(lin.page.locator("#camera")).to_have_text(older)
    lin.page.keyboard.press("Space")  # plays, and does not press the button again
    expect(lin.waiting(older)).to_be_visible()


def test_another_operators_decision_arrives(browser: Browser, lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    with seat(browser, desk) as other:
        other.open(urlsplit(desk.cli("users", "link", "wang")).path)
        other.wait_for_live()
        other.choose(name)
        other.page.keyboard.press("1")
        expect(lin.decided(name)).to_contain_text("wang")
        expect(lin.page.locator("#verdict")).to_contain_text("Real: wang")
    lin.page.keyboard.press("2")  # too close to have been meant: told first
    expect(lin.page.locator("#notices")).to_contain_text("wang decided this a moment ago")
    expect(lin.decided(name)).to_contain_text("Real")


def test_a_script_in_a_name_is_text(lin: Seat, desk: Service) -> None:
    name = f'<script>alert("{next(numbers)}")</script><img src=x onerror=alert(2)>'
    raise_event(desk, name)
    lin.choose(name)
    expect(lin.page.locator("#camera")).to_have_text(name)
    lin.page.keyboard.type("33")
    expect(lin.decided(name)).to_contain_text(name)
    assert lin.dialogs == []
    assert lin.page.locator("script").count() == 1
    assert lin.page.locator("img[onerror]").count() == 0


def test_a_session_that_ends_comes_back_to_its_event(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    here = lin.page.url
    cookie = {"balefire_session": session_of(lin)}
    assert httpx.post(f"{desk.url}/sign-out", cookies=cookie, headers={"Origin": desk.url}).status_code == 303
    lin.page.keyboard.press("1")
    lin.page.wait_for_selector("[name=password]")
    lin.sign_in("lin", PASSWORD)
    lin.wait_for_live()
    assert lin.page.url == here
    expect(lin.waiting(name)).to_be_visible()  # what was pressed without a session decided nothing
    lin.faults.clear()  # the 401 of the refused decision


def test_a_forged_session_goes_to_sign_in(browser: Browser, desk: Service) -> None:
    with seat(browser, desk) as stranger:
        stranger.page.context.add_cookies([{"name": "balefire_session", "value": "x" * 43, "url": desk.url}])
        stranger.open("/docs")
        stranger.sign_in("lin", PASSWORD)
        expect(stranger.page.locator("#routes td").first).to_be_visible()
        assert urlsplit(stranger.page.url).path == "/docs"
        assert stranger.page.locator("#routes code", has_text=re.compile(r"/v1/events/\{event_id\}/reviews$")).count() == 1
        assert (stranger.faults, stranger.elsewhere) == ([], [])


def test_sign_out_ends_the_session(browser: Browser, desk: Service) -> None:
    with seat(browser, desk) as leaving:
        leaving.open()
        leaving.sign_in("lin", PASSWORD)
        leaving.wait_for_live()
        cookie = {"balefire_session": session_of(leaving)}
        leaving.page.get_by_role("button", name="Sign out").click()
        leaving.page.wait_for_selector("[name=password]")
        assert httpx.get(f"{desk.url}/v1/events", cookies=cookie).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_write_from_elsewhere_is_refused(lin: Seat, desk: Service, origin: str | None) -> None:
    raise_event(desk)
    cookies, headers = {"balefire_session": session_of(lin)}, {"Origin": origin} if origin else {}
    with httpx.Client(base_url=desk.url, cookies=cookies, headers=headers) as client:
        event = client.get("/v1/events", params={"raised": True}).json()["items"][0]["id"]
        answer = client.post(f"/v1/events/{event}/reviews", json={"verdict": "false"})
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin")
        assert client.get(f"/v1/events/{event}").json()["reviews"] == []
        assert client.post("/sign-out").status_code == 403


def test_a_sign_in_form_from_elsewhere_is_refused(desk: Service) -> None:
    form, headers = {"name": "lin", "password": PASSWORD}, {"Origin": "https://evil.example"}
    answer = httpx.post(f"{desk.url}/sign-in", data=form, headers=headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_a_viewer_looks_and_does_not_decide(browser: Browser, desk: Service) -> None:
    name = raise_event(desk)
    with seat(browser, desk) as guest:
        guest.open()
        guest.sign_in("guest", PASSWORD)
        guest.wait_for_live()
        guest.choose(name)
        guest.page.keyboard.press("1")
        expect(guest.page.get_by_role("button", name="Real")).to_be_disabled()
        expect(guest.waiting(name)).to_be_visible()
        assert guest.faults == []


def test_the_source_is_offered(lin: Seat) -> None:
    address = lin.page.get_by_role("link", name="source").get_attribute("href")
    answer = lin.page.request.get(f"{lin.service.url}{address}")
    assert (answer.status, answer.body()[:2]) == (200, b"\x1f\x8b")


def test_a_lost_connection_is_shown_and_caught_up(browser: Browser, desk: Service) -> None:
    with seat(browser, desk) as sitting:
        sitting.open()
        sitting.sign_in("lin", PASSWORD)
        sitting.wait_for_live()
        before = raise_event(desk)
        expect(sitting.waiting(before)).to_be_visible()
        desk.stop()
        expect(sitting.page.locator("#top")).to_have_attribute("data-state", "lost")
        expect(sitting.page.locator("#link-state")).to_contain_text("Connection lost at")
        sitting.page.keyboard.press("1")
        expect(sitting.page.locator("#notices")).to_contain_text("was not saved")
        desk.start()
        missed = raise_event(desk)
        expect(sitting.waiting(missed)).to_be_visible()
        expect(sitting.waiting(before)).to_be_visible()
        sitting.wait_for_live()
        assert sitting.elsewhere == []
