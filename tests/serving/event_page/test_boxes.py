"""Boxes corrected by a person, with the mouse and by the keyboard alone."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.serving import accessible
from tests.serving.browser import Seat, seat
from tests.serving.event_page.desk import area, centre, choose_again, drag, newest, raise_event, sit_down
from tests.serving.service import Service

PHONE = (390, 844)


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
    expect(lin.page.locator("#edit-count")).not_to_be_empty()

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
