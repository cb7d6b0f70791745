"""Ignore zones on the pages: drawn on an event, counted, confirmed, come back and let go. Notes, and the map's search.

In a real Chromium, on the real service.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.serving import accessible
from tests.serving.browser import PASSWORD, Seat, seat
from tests.serving.fires import burn_on
from tests.serving.service import Service, running

SCRIPT = "<script>alert(1)</script>"
LANGUAGES = {"en": "en-US", "zh-CN": "zh-CN"}
CAMERAS = {"ridge": "Jinyun ridge", "pier": "Chaotianmen pier", "tower": "Tower"}
SHAPE = [[0, 0], [0.2, 0], [0.2, 0.5], [0, 0.5]]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Three cameras with a fire each; an operator, a commander and a viewer."""
    with running(tmp_path_factory.mktemp("zones") / "state", time_zone="Asia/Shanghai") as service:
        with service.client() as admin:
            for name, role in (("lin", "operator"), ("zhao", "commander"), ("guest", "viewer")):
                admin.post("/v1/users", json={"name": name, "role": role, "password": PASSWORD}).raise_for_status()
            for number, (camera, name) in enumerate(CAMERAS.items()):
                position = {"lon": 106.40 + number / 5, "lat": 29.80}
                admin.post("/v1/cameras", json={"id": camera, "name": name, "position": position}).raise_for_status()
                burn_on(admin, camera)
        yield service


@pytest.fixture(autouse=True)
def no_zones(city: Service) -> None:
    """None is left of the test before."""
    with city.client() as admin:
        for zone in zones(admin):
            admin.delete(f"/v1/zones/{zone['id']}").raise_for_status()


@pytest.fixture
def lin(browser: Browser, city: Service) -> Iterator[Seat]:
    with sitting(browser, city, "lin") as seated:
        yield seated
        assert (seated.faults, seated.elsewhere, seated.dialogs) == ([], [], [])


@contextlib.contextmanager
def sitting(browser: Browser, city: Service, name: str, **choices: str) -> Iterator[Seat]:
    """Somebody at the queue, signed in."""
    with seat(browser, city, **choices) as seated:  # type: ignore[arg-type]
        seated.open()
        seated.sign_in(name, PASSWORD)
        seated.wait_for_live()
        yield seated


def zones(client: httpx.Client, **wanted: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/v1/zones", params=wanted).raise_for_status().json()["items"]
    return items


def event_of(client: httpx.Client, camera: str) -> dict[str, Any]:
    event: dict[str, Any] = client.get("/v1/events", params={"camera": camera, "raised": True}).json()["items"][0]
    return event


def body(**changed: Any) -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    sent = {"polygon": SHAPE, "reason": "chimney", "until": until, **changed}
    return {name: value for name, value in sent.items() if value is not None}


def ask(lin: Seat, camera: str = "ridge") -> None:
    lin.choose(CAMERAS[camera])
    lin.page.keyboard.press("a")
    expect(lin.page.locator("#zone-reason")).to_be_focused()


def test_an_operator_draws_a_zone_by_keyboard_alone(lin: Seat, city: Service) -> None:
    ask(lin)
    lin.page.keyboard.type("brick works 123")  # its digits decide nothing
    expect(lin.page.locator("#zone-share")).to_contain_text("% of the view")
    left, share = lin.page.locator("#zone-left"), lin.page.locator("#zone-share")
    lin.page.locator(".zone-shape").focus()
    before, took = left.input_value(), share.inner_text()
    lin.page.keyboard.press("ArrowRight")
    expect(left).not_to_have_value(before)
    expect(share).to_have_text(took)  # moved, not resized
    lin.page.keyboard.press("Shift+ArrowDown")
    expect(share).not_to_have_text(took)
    took = share.inner_text()
    lin.page.locator("#zone-reason").focus()
    lin.page.keyboard.press("Enter")
    expect(lin.page.locator("#told")).to_contain_text("confirmed")
    expect(lin.page.locator("#zone")).to_be_hidden()
    expect(lin.waiting(CAMERAS["ridge"])).to_be_visible()
    with city.client() as admin:
        (zone,) = zones(admin)
        newest = admin.get("/v1/audit", params={"limit": 1}).json()["items"][0]
    assert (zone["owner"], zone["reason"], zone["state"], zone["hazard"]) == ("lin", "brick works 123", "trial", "flame")
    assert took == f"takes {zone['share'] * 100:.1f} % of the view"
    assert (newest["what"], newest["who"], newest["subject"]) == ("zone.draw", "lin", zone["id"])


def test_the_mouse_moves_and_resizes_and_overlaps_count_once(lin: Seat, city: Service) -> None:
    with city.client() as admin:
        event = event_of(admin, "ridge")
        x1, y1, x2, y2 = event["best"]["box"]
        over = [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]  # within what is drawn first
        admin.post(f"/v1/events/{event['id']}/zone", json=body(polygon=over)).raise_for_status()
    ask(lin)
    share = lin.page.locator("#zone-share")
    expect(share).to_contain_text("with the zones that hold")
    one, together = (float(word) for word in share.inner_text().replace(";", "").split() if word[0].isdigit())
    assert one == together  # it holds the other one
    shape = lin.page.locator(".zone-shape")
    place = shape.bounding_box()
    assert place
    lin.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    lin.page.mouse.down()
    lin.page.mouse.move(place["x"] + place["width"] / 2 + 2000, place["y"] + 10, steps=4)
    lin.page.mouse.up()
    expect(lin.page.locator("#zone-right")).to_have_value("100.0")  # never outside
    one, together = (float(word) for word in share.inner_text().replace(";", "").split() if word[0].isdigit())
    assert together > one
    lin.page.keyboard.press("Escape")
    expect(lin.page.locator(".zone-shape")).to_have_count(0)


@pytest.mark.parametrize(("field", "value"), [("right", "140"), ("left", "99"), ("reason", ""), ("until", "2020-01-01")])
def test_what_is_no_zone_is_not_sent(lin: Seat, city: Service, field: str, value: str) -> None:
    ask(lin)
    lin.page.keyboard.type("chimney")
    lin.page.fill(f"#zone-{field}", value)
    lin.page.keyboard.press("Enter")
    assert lin.page.locator("#zone-form").evaluate("form => form.checkValidity()") is False
    expect(lin.page.locator("#zone")).to_be_visible()
    with city.client() as admin:
        assert zones(admin) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": None},
        {"until": (datetime.now(UTC) + timedelta(days=366)).isoformat()},
        {"until": (datetime.now(UTC) - timedelta(days=1)).isoformat()},
        {"until": "2026-12-01T00:00:00"},
        {"polygon": SHAPE[:2]},
        {"polygon": [[0, 0], [1.2, 0], [1, 1]]},
        {"polygon": [[0, 0], [0.1, 0.1], [0.2, 0.2]]},
        {"reason": " "},
    ],
)
def test_the_service_refuses_with_a_message(city: Service, wrong: dict[str, Any]) -> None:
    with city.client() as admin:
        answer = admin.post(f"/v1/events/{event_of(admin, 'ridge')['id']}/zone", json=body(**wrong))
        assert (answer.status_code, bool(answer.json()["detail"])) == (422, True)
        assert zones(admin) == []


def test_what_ends_comes_back_is_renewed_and_is_let_go(browser: Browser, city: Service) -> None:
    ended = {"polygon": SHAPE, "owner": "qian", "reason": "welding", "until": "2026-01-01T00:00:00Z"}
    with city.client() as admin:
        admin.patch("/v1/cameras/pier", json={"ignore_zones": [ended]}).raise_for_status()
        admin.post(f"/v1/events/{event_of(admin, 'ridge')['id']}/zone", json=body(reason="lamp")).raise_for_status()
        assert [zone["state"] for zone in zones(admin)] == ["expired", "active"]
        assert [zone["reason"] for zone in zones(admin, state="expired")] == ["welding"]
        with sitting(browser, city, "lin") as lin:
            lin.open("/coverage")
            due = lin.page.locator("#zones-due li")
            expect(due).to_have_count(1)
            expect(due).to_contain_text("ended 2026-01-01 08:00:00")
            expect(due.get_by_role("button")).to_have_count(1)  # an operator may let it go, not renew it
            assert lin.page.locator("#wall summary", has_text="10.0 % of the view").count() == 1
        with sitting(browser, city, "zhao") as zhao:
            expect(zhao.page.locator("#zones-count")).to_have_text("1 to decide")
            zhao.open("/coverage")
            zhao.page.get_by_role("button", name="Renew: Chaotianmen pier, welding").first.press("Enter")
            expect(zhao.page.locator("#zones-waiting")).to_be_hidden()
            expect(zhao.page.locator("#zones-count")).to_be_hidden()
            assert {zone["state"] for zone in zones(admin)} == {"active"}
            card = zhao.page.locator("#wall .eye", has_text="Chaotianmen pier")
            card.locator("summary").press("Enter")
            expect(card.locator(".zone")).to_contain_text("30 days left")
            card.get_by_role("button", name="Let go").press("Enter")
            expect(card.locator("summary")).to_be_hidden()
            assert [zone["reason"] for zone in zones(admin)] == ["lamp"]
            assert (zhao.faults, zhao.elsewhere) == ([], [])


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_use_the_sheets_and_the_list(browser: Browser, city: Service, language: str, colours: str) -> None:
    with city.client() as admin:
        ended = {"polygon": SHAPE, "owner": "qian", "reason": "welding", "until": "2026-01-01T00:00:00Z"}
        admin.patch("/v1/cameras/pier", json={"ignore_zones": [ended]}).raise_for_status()
    with sitting(browser, city, "zhao", locale=LANGUAGES[language], color_scheme=colours) as zhao:
        ask(zhao)
        assert accessible.faults(zhao.page) == []
        zhao.page.keyboard.press("Escape")
        for key in "n2":
            zhao.page.keyboard.press(key)
            assert accessible.faults(zhao.page) == []
            zhao.page.keyboard.press("Escape")
            zhao.page.keyboard.press("Escape")
            expect(zhao.page.locator("#reasons")).to_be_hidden()
        zhao.open("/coverage")
        zhao.page.wait_for_selector("#zones-due li")
        zhao.page.locator("#wall summary:visible").first.press("Enter")
        assert accessible.faults(zhao.page) == []
        assert accessible.unreached(zhao.page) == []


@pytest.mark.parametrize(
    ("keys", "verdict", "reason"), [(["n"], "real", ""), (["2", "/"], "false", "other"), (["3", "/"], "unsure", "")]
)
def test_a_note_goes_with_each_verdict_and_is_shown_as_text(
    lin: Seat, city: Service, keys: list[str], verdict: str, reason: str
) -> None:
    name = CAMERAS["tower"]
    with city.client() as admin:
        address = f"/events/{event_of(admin, 'tower')['id']}"
    lin.open(address)
    expect(lin.page.locator("#camera")).to_have_text(name)
    for key in keys:
        lin.page.keyboard.press(key)
    written = f"123 {verdict} {SCRIPT}"
    lin.page.keyboard.type(written)
    assert lin.page.locator("#reasons input").evaluate("field => field.maxLength") == 1000
    lin.page.keyboard.press("Enter")
    expect(lin.decided(name)).to_contain_text(verdict.capitalize())
    lin.open(address)
    expect(lin.page.locator("#notes li", has_text=written)).to_be_visible()
    assert lin.page.locator("#notes script").count() == 0
    with city.client() as admin:
        newest = event_of(admin, "tower")["reviews"][-1]
    assert (newest["verdict"], newest["reason"], newest["note"]) == (verdict, reason, written)


def test_a_camera_is_found_by_name_or_id_with_the_keyboard_alone(browser: Browser, city: Service) -> None:
    with sitting(browser, city, "guest") as guest:
        guest.open("/map")
        guest.page.wait_for_selector("body[data-drawn=yes]")
        guest.page.keyboard.press("/")
        for typed, found in (("JINYUN", "Jinyun ridge"), ("pier", "Chaotianmen pier"), ("tow", "Tower")):
            guest.page.fill("#find", typed)
            expect(guest.page.locator("#cameras li:visible")).to_have_text([found])
            guest.page.keyboard.press("Enter")
            expect(guest.page.locator("#cameras [aria-current]")).to_have_text(found)
            expect(guest.page.locator("#map .label", has_text=found)).to_be_visible()
        guest.page.keyboard.press("Escape")
        expect(guest.page.locator("#cameras li:visible")).to_have_count(3)
        guest.page.keyboard.press("ArrowDown")
        guest.page.keyboard.press("ArrowDown")
        expect(guest.page.locator("#cameras button").nth(1)).to_be_focused()
        guest.page.fill("#find", "nowhere")
        expect(guest.page.locator("#found")).to_have_text("0 found")
        assert accessible.faults(guest.page) == []


@pytest.mark.parametrize("path", ["/", "/map", "/coverage"])
def test_a_phone_shows_it_all_without_going_sideways(browser: Browser, city: Service, path: str) -> None:
    with seat(browser, city, 390, 844) as officer:
        officer.open(path)
        officer.sign_in("lin", PASSWORD)
        ready = {"/": "#picture:not([hidden])", "/map": "body[data-drawn=yes]", "/coverage": "#wall .eye"}
        officer.page.wait_for_selector(ready[path])
        assert officer.page.evaluate("document.documentElement.scrollWidth") == 390
        if path == "/":
            officer.page.click("[data-verdict=false]")
            sheet, picture = officer.page.locator("#reasons").bounding_box(), officer.page.locator("#picture").bounding_box()
            assert sheet
            assert picture
            assert sheet["y"] > picture["y"] + picture["height"] / 2  # it leaves the picture in sight
            officer.page.keyboard.press("Escape")
            officer.page.click("#always")
            zone = officer.page.locator("#zone").bounding_box()
            assert zone
            assert zone["y"] >= picture["y"] + picture["height"]
