"""The page of one event in a real Chromium, on the real service: looking closer, correcting boxes, what else is known."""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Route, expect

from tests.serving import accessible, pictures
from tests.serving.browser import PASSWORD, Seat, seat
from tests.serving.service import Service, running

PHONE = (390, 844)
numbers = count()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own, with an operator."""
    with running(tmp_path_factory.mktemp("event") / "state", time_zone="Asia/Shanghai") as service:
        with service.client() as admin:
            for name, role in (("lin", "operator"), ("guest", "viewer")):
                admin.post("/v1/users", json={"name": name, "role": role, "password": PASSWORD}).raise_for_status()
        yield service


def sit_down(sitting: Seat, name: str = "lin") -> None:
    sitting.open()
    sitting.sign_in(name, PASSWORD)
    sitting.wait_for_live()


@pytest.fixture
def lin(browser: Browser, desk: Service) -> Iterator[Seat]:
    """Lin sits at the page; nothing there may fail or ask another server for anything."""
    with seat(browser, desk) as sitting:
        sit_down(sitting)
        yield sitting
        assert sitting.faults == []
        assert sitting.elsewhere == []


def raise_event(service: Service, camera: str = "", ago: timedelta = timedelta(seconds=20), **facts: object) -> str:
    """A fire on that camera, a new one where it is not there: the camera's name."""
    camera = camera or f"mast-{next(numbers)}"
    with service.client() as client:
        if client.get(f"/v1/cameras/{camera}").status_code == 404:
            client.post("/v1/cameras", json={"id": camera, "name": f"{camera} ({camera})", **facts}).raise_for_status()
        start = datetime.now(UTC) - ago
        for second in range(8):
            headers = {"Captured-At": (start + timedelta(seconds=2 * second)).isoformat()}
            sent = client.post(f"/v1/cameras/{camera}/frames", content=pictures.fire(30 + second), headers=headers)
            sent.raise_for_status()
    return f"{camera} ({camera})"


def area(element: Locator) -> FloatRect:
    found = element.bounding_box()
    assert found
    return found


def centre(of: FloatRect) -> tuple[float, float]:
    return of["x"] + of["width"] / 2, of["y"] + of["height"] / 2


def drag(sitting: Seat, start: tuple[float, float], by: tuple[float, float]) -> None:
    mouse = sitting.page.mouse
    mouse.move(*start)
    mouse.down()
    mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2)
    mouse.move(start[0] + by[0], start[1] + by[1])
    mouse.up()


def newest(service: Service, name: str) -> dict[str, Any]:
    """The newest event of the camera of this name, with its frames."""
    with service.client() as client:
        (event,) = client.get("/v1/events", params={"camera": name.split()[0], "raised": True, "limit": 1}).json()["items"]
        return dict(client.get(f"/v1/events/{event['id']}").json())


def decide_all(service: Service, camera: str, verdict: str) -> None:
    with service.client() as client:
        for event in client.get("/v1/events", params={"camera": camera, "reviewed": False, "raised": True}).json()["items"]:
            body = {"verdict": verdict, "reason": "welding" if verdict == "false" else None}
            client.post(f"/v1/events/{event['id']}/reviews", json=body).raise_for_status()


def choose_again(sitting: Seat, name: str) -> None:
    """An event whose boxes may be a person's by now."""
    sitting.found(name).click()
    sitting.page.locator("#camera", has_text=name).wait_for()
    sitting.page.wait_for_selector("#picture:not([hidden])")


def test_the_close_up_follows_the_box(lin: Seat, desk: Service) -> None:
    lin.choose(raise_event(desk))
    whole, close = lin.page.locator("#boxes .box.own .line"), lin.page.locator("#crop-boxes .box.own .line")
    pane = area(lin.page.locator("#close-up"))
    for _ in range(3):
        small, large = area(whole), area(close)
        assert large["width"] > 1.3 * small["width"]
        assert abs(large["x"] + large["width"] / 2 - pane["x"] - pane["width"] / 2) < 0.1 * pane["width"]
        assert large["height"] < pane["height"]
        lin.page.keyboard.press("ArrowLeft")
    assert lin.page.locator("#boxes .part").count() == 1


def test_the_close_up_shows_the_pixels_of_the_picture(lin: Seat, desk: Service) -> None:
    """The middle of the box has in both the colour that it has in the stored picture."""
    lin.choose(raise_event(desk))
    box, pane = area(lin.page.locator("#crop-boxes .box.own .line")), area(lin.page.locator("#close-up"))
    at = [box["x"] + box["width"] / 2 - pane["x"], box["y"] + box["height"] / 2 - pane["y"]]
    colours = """(at) => {
      const crop = document.getElementById('crop'), picture = document.getElementById('picture');
      const part = crop.getContext('2d').getImageData(at[0] * devicePixelRatio - 4, at[1] * devicePixelRatio - 4, 8, 8).data;
      const line = document.querySelector('#boxes .box.own .line').getBBox(), on = picture.getBoundingClientRect();
      const scale = Math.min(on.width / picture.naturalWidth, on.height / picture.naturalHeight);
      const x = (line.x + line.width / 2 - (on.width - picture.naturalWidth * scale) / 2) / scale;
      const y = (line.y + line.height / 2 - (on.height - picture.naturalHeight * scale) / 2) / scale;
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
      const pen = canvas.getContext('2d');
      pen.drawImage(picture, 0, 0);
      const sum = (pixels, k) => pixels.filter((_, i) => i % 4 === k).reduce((a, b) => a + b);
      const mean = (pixels) => [0, 1, 2].map((k) => sum(pixels, k) * 4 / pixels.length);
      return [mean([...part]), mean([...pen.getImageData(x - 2, y - 2, 4, 4).data])];
    }"""
    part, stored = lin.page.evaluate(colours, at)
    assert all(abs(one - other) < 40 for one, other in zip(part, stored, strict=True))
    assert stored[0] > 150  # a flame


def test_views_by_key_and_button(lin: Seat, desk: Service) -> None:
    lin.choose(raise_event(desk))
    whole, close = lin.page.locator("#whole"), lin.page.locator("#close-up")
    before = area(whole)["width"]
    lin.page.keyboard.press("z")
    expect(close).to_be_hidden()
    assert area(whole)["width"] > before
    lin.page.get_by_role("button", name="View").click()
    expect(whole).to_be_hidden()
    expect(lin.page.locator("#view-note")).to_have_text("Close-up")
    lin.page.keyboard.press("z")
    expect(whole).to_be_visible()
    expect(close).to_be_visible()
    assert area(whole)["width"] == before


def test_brightness_and_contrast_change_only_what_is_shown(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    shown = [lin.page.locator("#picture"), lin.page.locator("#crop")]
    for keys, brightness, contrast in (
        ("", 1, 1),
        ("..", 1.2, 1),
        (",,,", 0.9, 1),
        (">>>", 0.9, 1.3),
        ("<", 0.9, 1.2),
        ("0", 1, 1),
    ):
        lin.page.keyboard.type(keys)
        for one in shown:
            expect(one).to_have_css("filter", f"brightness({brightness:g}) contrast({contrast:g})")
    lin.page.get_by_label("Brightness").fill("250")
    expect(shown[0]).to_have_css("filter", "brightness(2.5) contrast(1)")
    lin.page.get_by_role("button", name="As it is").click()
    expect(shown[0]).to_have_css("filter", "brightness(1) contrast(1)")
    lin.page.keyboard.type("..")
    lin.choose(raise_event(desk))  # another one is seen as it is
    expect(shown[0]).to_have_css("filter", "brightness(1) contrast(1)")
    expect(lin.page.get_by_role("button", name="As it is")).to_be_disabled()


def test_the_pace_by_key_and_button(lin: Seat, desk: Service) -> None:
    lin.choose(raise_event(desk))
    pace = lin.page.locator("#pace")
    expect(pace).to_have_text("4×")
    for key, said in (("+", "4×"), ("-", "2×"), ("-", "1×"), ("-", "0.5×"), ("-", "0.5×"), ("=", "1×")):
        lin.page.keyboard.press(key)
        expect(pace).to_have_text(said)
    pace.click()
    expect(pace).to_have_attribute("aria-label", "Pace: 2 times as fast as it happened")


def test_a_slower_pace_shows_each_frame_for_longer(lin: Seat, desk: Service) -> None:
    """On a clock that only the test moves: two frames are two seconds apart."""
    lin.choose(raise_event(desk))
    line = lin.page.locator("#time-line")
    for _ in range(8):
        lin.page.keyboard.press("ArrowLeft")
    lin.page.clock.install()
    for pace, at_rest_ms, over_ms in (("4×", 400, 200), ("2×", 900, 200), ("1×", 1900, 200), ("0.5×", 3900, 200)):
        expect(lin.page.locator("#pace")).to_have_text(pace)
        expect(line).to_have_attribute("aria-valuenow", "1")
        lin.page.keyboard.press("Space")
        lin.page.clock.run_for(at_rest_ms)
        expect(line).to_have_attribute("aria-valuenow", "1")
        lin.page.clock.run_for(over_ms)
        expect(line).to_have_attribute("aria-valuenow", "2")
        lin.page.keyboard.press("Space")
        lin.page.keyboard.press("ArrowLeft")
        lin.page.keyboard.press("-")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (3840, 2160), PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_screen_and_is_accessible(browser: Browser, desk: Service, width: int, height: int, scheme: str) -> None:
    with seat(browser, desk, width, height, color_scheme=scheme) as sitting:
        sit_down(sitting)
        sitting.choose(raise_event(desk))
        whole, close, window = area(sitting.page.locator("#whole")), area(sitting.page.locator("#close-up")), width * height
        if (width, height) == PHONE:
            assert close["y"] >= whole["y"] + whole["height"]  # one below the other
            assert close["width"] == whole["width"] == width
        else:
            assert (whole["width"] * whole["height"] + close["width"] * close["height"]) / window > 0.5
            assert sitting.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert sitting.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert accessible.faults(sitting.page) == []
        assert sitting.faults == []


def test_the_keyboard_reaches_everything(lin: Seat, desk: Service) -> None:
    lin.choose(raise_event(desk))
    assert accessible.unreached(lin.page) == []


def test_boxes_are_corrected_by_keyboard_alone(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    lin.page.keyboard.press("e")
    boxes = lin.page.locator("#whole .set-box")
    expect(boxes).to_have_count(1)
    expect(boxes).to_be_focused()
    expect(boxes).to_have_attribute("aria-label", re.compile(r"^Flame, box 1 of 1: from \d+"))
    before = area(boxes)
    for key in ("ArrowRight",) * 20 + ("ArrowUp",) * 10 + ("Shift+ArrowRight",) * 30 + ("Shift+ArrowUp",) * 10:
        lin.page.keyboard.press(key)
    after = area(boxes)
    assert after["x"] > before["x"] + 10
    assert after["y"] < before["y"] - 5
    assert after["width"] > before["width"] + 15
    assert after["height"] < before["height"] - 5
    lin.page.keyboard.press("n")  # a second one, on the flame too
    expect(boxes).to_have_count(2)
    expect(boxes.nth(1)).to_be_focused()
    lin.page.keyboard.press("c")
    expect(boxes.nth(1)).to_have_attribute("data-hazard", "smoke")
    lin.page.keyboard.press("n")
    expect(boxes).to_have_count(3)
    lin.page.keyboard.press("Delete")
    expect(boxes).to_have_count(2)
    lin.page.keyboard.press("Shift+Tab")
    expect(boxes.first).to_be_focused()
    lin.page.keyboard.press("Tab")
    expect(boxes.nth(1)).to_be_focused()
    expect(lin.page.locator("#edit-count")).to_have_text("Corrected frames: 1. They are saved with your decision.")
    corrected = lin.page.locator("#time-line").get_attribute("aria-valuenow")
    lin.page.keyboard.press("Escape")
    expect(lin.page.locator("#edit-bar")).to_be_hidden()
    expect(lin.page.locator("#boxes .box.set")).to_have_count(2)
    lin.page.keyboard.press("ArrowLeft")  # another frame; there everything is as seen, and all is taken away
    lin.page.keyboard.type("e")
    lin.page.keyboard.press("Backspace")
    expect(boxes).to_have_count(0)
    lin.page.keyboard.press("1")
    expect(lin.decided(name)).to_contain_text("Real")
    event = newest(desk, name)
    (review,) = event["reviews"]
    sent = event["frames"][int(corrected or 0) - 1]["id"]
    emptied = event["frames"][int(corrected or 0) - 2]["id"]
    assert set(review["frames"]) == {sent, emptied}
    assert [(box["frame"], box["hazard"]) for box in review["boxes"]] == [(sent, "flame"), (sent, "smoke")]
    (seen,) = event["frames"][int(corrected or 0) - 1]["sightings"]
    assert review["boxes"][0]["box"][0] > seen["box"][0]


def test_boxes_are_corrected_with_the_mouse(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    lin.page.get_by_role("button", name="Correct").click()
    boxes, mouse = lin.page.locator("#whole .set-box"), lin.page.mouse
    before, whole = area(boxes), area(lin.page.locator("#whole"))
    drag(lin, centre(before), (40, -30))
    after = area(boxes)
    assert [round(after[side] - before[side]) for side in ("x", "y", "width", "height")] == [40, -30, 0, 0]
    drag(lin, centre(area(boxes.locator(".corner.se"))), (25, 15))
    wider = area(boxes)
    assert [round(wider[side] - after[side]) for side in ("x", "y", "width", "height")] == [0, 0, 25, 15]
    drag(lin, (whole["x"] + 0.6 * whole["width"], whole["y"] + 0.5 * whole["height"]), (60, 50))
    expect(boxes).to_have_count(2)
    lin.page.locator("#edit-hazards").get_by_role("button", name="Smoke").click()
    expect(boxes.nth(1)).to_have_attribute("data-hazard", "smoke")
    drag(lin, centre(area(boxes.nth(1))), (5_000, 0))  # as far as the picture goes
    edge = area(boxes.nth(1))
    assert abs(edge["x"] + edge["width"] - whole["x"] - whole["width"]) < 1.5
    mouse.click(*centre(area(boxes.first)))
    lin.page.get_by_role("button", name="Remove").click()
    expect(boxes).to_have_count(1)
    lin.page.get_by_role("button", name="As seen").click()
    expect(boxes).to_have_attribute("data-hazard", "flame")
    close = lin.page.locator("#close-up .set-box")
    drag(lin, centre(area(close)), (30, 0))  # in the close-up as well
    assert area(boxes)["x"] > before["x"] + 3
    lin.page.get_by_role("button", name="Done").click()
    lin.page.locator("button[data-verdict=real]").click()
    expect(lin.decided(name)).to_contain_text("Real")
    (review,) = newest(desk, name)["reviews"]
    assert [box["hazard"] for box in review["boxes"]] == ["flame"]


def test_corners_are_wide_enough_to_be_met(lin: Seat, desk: Service) -> None:
    """24 × 24 CSS pixels at least, and none over another, also on the smallest box (WCAG 2.5.8)."""
    lin.choose(raise_event(desk))
    lin.page.keyboard.press("e")
    for _ in range(60):
        lin.page.keyboard.press("Shift+ArrowLeft")
        lin.page.keyboard.press("Shift+ArrowUp")
    corners = [area(one) for one in lin.page.locator("#whole .set-box .corner").all()]
    assert all(one["width"] >= 24 and one["height"] >= 24 for one in corners)
    for one, other in itertools.combinations(corners, 2):
        apart = max(abs(one["x"] - other["x"]), abs(one["y"] - other["y"]))
        assert apart >= 24


def test_nothing_of_the_page_moves_while_boxes_are_corrected(lin: Seat, desk: Service) -> None:
    lin.choose(raise_event(desk))
    parts = [
        lin.page.locator(name) for name in ("#whole", "#close-up", "#player", "[data-verdict=unsure]:is(button)", "#showing")
    ]
    before = [area(part) for part in parts]
    lin.page.keyboard.press("e")
    lin.page.keyboard.press("ArrowRight")
    expect(lin.page.locator("#edit-count")).not_to_be_empty()
    assert [area(part) for part in parts] == before
    bar, rows = area(lin.page.locator("#edit-bar")), lin.page.locator("#edit-bar button").all()
    assert all(area(one)["y"] + area(one)["height"] <= bar["y"] + bar["height"] for one in rows)
    assert accessible.faults(lin.page) == []
    assert accessible.unreached(lin.page) == []


def test_boxes_that_the_service_refuses_are_kept_and_it_is_said_why(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    lin.page.keyboard.press("e")
    lin.page.keyboard.press("ArrowRight")

    def spoil(route: Route) -> None:
        body = route.request.post_data_json
        body["boxes"][0]["box"][2] = 1.5
        route.continue_(post_data=json.dumps(body))

    lin.page.route("**/reviews", spoil)
    lin.page.keyboard.press("1")
    expect(lin.page.locator("#notices")).to_contain_text("a box lies outside of the picture, or has no size")
    lin.page.unroute("**/reviews")
    lin.faults.clear()  # the 422
    choose_again(lin, name)
    expect(lin.page.locator("#boxes .box.set")).to_have_count(1)
    lin.page.keyboard.press("1")
    expect(lin.decided(name)).to_contain_text("Real")
    assert len(newest(desk, name)["reviews"][0]["boxes"]) == 1


def test_a_decision_taken_back_leaves_its_boxes_to_the_next(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    lin.page.keyboard.press("e")
    lin.page.keyboard.press("ArrowRight")
    lin.page.keyboard.type("33")
    expect(lin.decided(name)).to_contain_text("Unsure")
    lin.page.keyboard.press("u")
    expect(lin.page.locator("#edit-frames")).to_have_text("1")
    lin.page.keyboard.press("1")
    expect(lin.decided(name)).to_contain_text("Real")
    first, _, last = newest(desk, name)["reviews"]
    assert first["boxes"] == last["boxes"] != []


@pytest.mark.parametrize(
    "fault",
    [
        {"box": [0.5, 0.5, 1.5, 0.6]}, {"box": [0.5, 0.5, 0.5, 0.6]}, {"box": [0.6, 0.5, 0.5, 0.6]}, {"box": [-0.1, 0, 0.5, 1]},
        {"box": [0.1, 0.1, 0.2]}, {"hazard": "cat"}, {"frame": "nope"},
    ],
)  # fmt: skip
def test_a_box_that_cannot_be_is_refused(desk: Service, fault: dict[str, object]) -> None:
    event = newest(desk, raise_event(desk))
    box = {"frame": event["frames"][0]["id"], "hazard": "flame", "box": [0.1, 0.1, 0.2, 0.2], **fault}
    with desk.client() as client:
        answer = client.post(f"/v1/events/{event['id']}/reviews", json={"verdict": "real", "boxes": [box]})
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert answer.json()["code"] in ("bad_box", "bad_input")
        assert client.get(f"/v1/events/{event['id']}").json()["reviews"] == []


def test_keys_of_the_sheet_of_reasons_are_its_own_while_boxes_are_corrected(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    lin.page.keyboard.press("e")
    lin.page.keyboard.press("ArrowRight")
    lin.page.keyboard.type("2c")  # false, a cloud; c is also the key of a box's class
    expect(lin.decided(name)).to_contain_text("False")
    (review,) = newest(desk, name)["reviews"]
    assert (review["reason"], [box["hazard"] for box in review["boxes"]]) == ("cloud", ["flame"])


def test_playing_ends_where_boxes_are_corrected(lin: Seat, desk: Service) -> None:
    lin.choose(raise_event(desk))
    for _ in range(8):
        lin.page.keyboard.press("ArrowLeft")
    lin.page.keyboard.press("Space")
    expect(lin.page.locator("#play")).to_have_attribute("aria-label", "Pause")
    lin.page.keyboard.press("e")
    expect(lin.page.locator("#play")).to_have_attribute("aria-label", "Play")


def test_a_viewer_corrects_nothing(browser: Browser, desk: Service) -> None:
    name = raise_event(desk)
    with seat(browser, desk) as guest:
        sit_down(guest, "guest")
        guest.choose(name)
        guest.page.keyboard.press("e")
        expect(guest.page.get_by_role("button", name="Correct")).to_be_disabled()
        expect(guest.page.locator(".set-box")).to_have_count(0)


def test_what_else_is_known_is_opened_by_key(lin: Seat, desk: Service) -> None:
    position = {"lon": 106.38, "lat": 29.83}
    for hours, verdict in ((30, "false"), (20, "real"), (10, "unsure")):
        name = raise_event(desk, "known", timedelta(hours=hours), position=position, azimuth_deg=90.0, fov_deg=60.0)
        decide_all(desk, "known", verdict)
    event = newest(desk, name)
    lin.open(f"/events/{event['id']}")
    lin.wait_for_live()
    lin.page.wait_for_selector("#picture:not([hidden])")
    whole = area(lin.page.locator("#whole"))
    lin.page.keyboard.press("i")
    earlier = lin.page.locator("#earlier li")
    with desk.client() as client:
        before = client.get(f"/v1/events/{event['id']}/earlier").json()["items"]
    said = {"false": "False (Welding)", "real": "Real", "unsure": "Unsure"}
    expect(earlier.locator(".said")).to_have_text([said[one["verdict"]] for one in before])
    assert {"false", "real"} <= {one["verdict"] for one in before}
    expect(lin.page.locator("#why")).to_contain_text("sightings in")
    expect(lin.page.locator("#why-code")).to_have_text(re.compile("seen often enough|seen plainly"))
    expect(lin.page.locator("#camera-then .well")).to_have_text("It saw well.")
    expect(lin.page.locator("#where .cone")).to_have_count(1)
    expect(lin.page.locator("#where .bearing")).to_have_attribute("data-hazard", "flame")
    expect(lin.page.locator("#where p")).to_have_text(re.compile(r"^29\.8300, 106\.3800 · \d+°$"))
    assert area(lin.page.locator("#whole")) == whole  # the picture stays where it is
    assert accessible.faults(lin.page) == []
    assert accessible.unreached(lin.page) == []
    with lin.page.context.expect_page() as opening:
        lin.page.locator("#seen-by a").click()
    assert opening.value.locator("body").inner_text().startswith("#")
    opening.value.close()
    lin.page.keyboard.press("i")
    expect(lin.page.locator("#details")).to_be_hidden()
    lin.page.keyboard.press("i")
    earlier.filter(has_text="Welding").first.locator("a").click()
    lin.wait_for_live()
    expect(lin.page.locator("#verdict")).to_contain_text("False (Welding)")


def test_faults_of_the_camera_are_said_in_words(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    fault = {"camera": "x", "fault": "covered", "blinds": True, "reason": "", "since": "2026-01-01T00:00:00Z", "until": None}

    def covered(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "spans": [fault]})

    lin.page.route("**/health?at=*", covered)
    lin.choose(name)
    lin.page.keyboard.press("i")
    expect(lin.page.locator("#camera-then li")).to_have_text(["covered"])
    lin.page.unroute("**/health?at=*")
    expect(lin.page.locator("#where")).to_have_text("no position")


def test_the_evidence_by_key_and_by_link(lin: Seat, desk: Service) -> None:
    name = raise_event(desk)
    lin.choose(name)
    event = newest(desk, name)
    lin.page.keyboard.press("i")
    for by_key in (True, False):
        with lin.page.expect_download() as coming:
            if by_key:
                lin.page.keyboard.press("d")
            else:
                lin.page.get_by_role("link", name="Evidence").click()
        assert coming.value.suggested_filename == f"balefire-{event['camera']}-{event['id']}.zip"
        with zipfile.ZipFile(coming.value.path()) as archive:
            assert archive.testzip() is None
            assert "SHA256SUMS" in archive.namelist()


def test_all_of_it_is_said_in_chinese(browser: Browser, desk: Service) -> None:
    """Latin letters are left only where they are names, keys and figures."""
    name = raise_event(desk, position={"lon": 106.38, "lat": 29.83}, azimuth_deg=90.0, fov_deg=60.0)
    with seat(browser, desk, locale="zh-CN") as sitting:
        sit_down(sitting)
        sitting.choose(name)
        sitting.page.keyboard.press("i")
        expect(sitting.page.locator("#where svg")).to_be_visible()
        expect(sitting.page.locator("#earlier li")).to_have_count(1)
        sitting.page.keyboard.press("e")
        sitting.page.keyboard.press("ArrowRight")
        texts = sitting.page.locator("#event").inner_text()
        named = "[...document.querySelectorAll('#event [aria-label], #event [title]')]"
        spoken = sitting.page.evaluate(f"{named}.flatMap((one) => [one.ariaLabel ?? '', one.getAttribute('title') ?? ''])")
        left = set(re.findall(r"[A-Za-z]{2,}", " ".join([texts, *spoken]))) - set(re.findall(r"[A-Za-z]{2,}", name))
        assert left - {"fire", "zip", "Tab", "Del", "Esc"} == set()
        assert accessible.faults(sitting.page) == []


@pytest.mark.parametrize("size", [(1366, 768), (3840, 2160), PHONE])
def test_all_that_can_be_opened_fits_every_screen(browser: Browser, desk: Service, size: tuple[int, int]) -> None:
    name = raise_event(desk)
    with seat(browser, desk, *size, color_scheme="light") as sitting:
        sit_down(sitting)
        sitting.choose(name)
        sitting.page.get_by_role("button", name="More").click()
        sitting.page.get_by_role("button", name="Correct").click()
        expect(sitting.page.locator("#details")).to_be_visible()
        expect(sitting.page.locator("#edit-bar")).to_be_visible()
        for view in ("whole", "close", "both"):
            sitting.page.keyboard.press("z")
            expect(sitting.page.locator("#stage")).to_have_attribute("data-view", view)
            expect(sitting.page.locator("#details")).to_be_visible()
            assert sitting.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            if size != PHONE:
                assert sitting.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert accessible.faults(sitting.page) == []
        assert sitting.faults == []
