"""What else is known of an event: what was before, how the camera saw, its evidence, in both languages."""

from __future__ import annotations

import re
import zipfile
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.serving import accessible
from tests.serving.browser import Seat, seat
from tests.serving.event_page.desk import area, decide_all, newest, raise_event, sit_down
from tests.serving.service import Service

PHONE = (390, 844)


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
