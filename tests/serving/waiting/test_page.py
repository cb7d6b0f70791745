"""The queue in a real Chromium: its list, filters, decisions, alarm and desktop messages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.serving import accessible
from tests.serving.browser import PASSWORD, Seat, seat
from tests.serving.fires import burn
from tests.serving.service import Service, running
from tests.serving.waiting.room import (
    LANGUAGES,
    decided,
    enter,
    expect_saved,
    numbers,
    open_place,
    several,
)

# What rings, counted at the browser's own door.
COUNTED = """() => {
  window.tones = 0;
  const real = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.tones += 1; return real.call(this); };
}"""
# After whichever tab sounds has done so.
RUNG = "() => navigator.locks.request('balefire-sound-flame', () => window.tones)"
TESTED = "() => new Promise((done) => { const look = () => (window.tones ? done() : setTimeout(look, 20)); look(); })"


def test_only_what_is_seen_is_in_the_page(lin: Seat) -> None:
    rows = lin.page.locator("#waiting li")
    total = int(lin.page.locator("#waiting-count").inner_text())
    assert total > 200  # more than the first page of what is read
    assert 5 < rows.count() < 40
    expect(lin.page.locator("#oldest")).to_contain_text(f"{total} wait, the oldest for")
    assert re.fullmatch(rf"\({total}\) \d+ (h|min|d) · balefire", lin.page.title())
    for _ in range(4):  # the next page comes on the way
        lin.page.locator(".scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")
        lin.page.wait_for_timeout(300)
    expect(lin.page.locator(f"#waiting li[aria-posinset='{total}']")).to_be_visible()
    assert rows.count() < 40
    lin.page.keyboard.press("Home")
    expect(lin.page.locator("#waiting li[aria-selected=true]")).to_have_attribute("aria-posinset", "1")
    expect(lin.page.locator("#waiting li[aria-selected=true]")).to_be_in_viewport()


def test_filters_stand_in_the_address(lin: Seat, browser: Browser, room: Service) -> None:
    page, total = lin.page, lin.page.locator("#waiting-count").inner_text()
    page.locator("#narrowed").press("Enter")
    page.get_by_label("Waste", exact=True).first.press("Space")
    expect(page.locator("#waiting-count")).to_contain_text(f"of {total}")
    shown = page.locator("#waiting-count").inner_text()
    page.locator("[name=unit]").select_option(label="Elm")
    expect(page).to_have_url(re.compile(r"/\?hazard=waste&unit=\w+$|/events/\w+\?hazard=waste&unit=\w+$"))
    expect(page.locator("#narrowed")).to_have_text("Filters: 2")
    expect(page.locator("#waiting-count")).not_to_have_text(shown)
    page.go_back()
    expect(page.locator("#narrowed")).to_have_text("Filters: 1")
    expect(page.locator("[name=unit]")).to_have_value("")
    expect(page.locator("#waiting-count")).to_have_text(shown)
    with seat(browser, room) as other:
        elsewhere = enter(other, page.url.removeprefix(room.url), "wang")
        expect(elsewhere.locator("#waiting-count")).to_have_text(shown)
        expect(elsewhere.locator("#narrowed")).to_have_text("Filters: 1")
    page.go_back()
    expect(page.locator("#waiting-count")).to_have_text(total)
    page.go_forward()
    expect(page.locator("#waiting-count")).to_have_text(shown)


def test_views_are_kept_opened_and_deleted(lin: Seat, browser: Browser, room: Service) -> None:
    page = lin.page
    enter(lin, "/?camera=mast-007&camera=mast-008")
    page.locator("#narrowed").press("Enter")
    page.locator("#keep-view input").fill("Two masts")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Two masts", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Show all").press("Enter")
    expect(page.locator("#narrowed")).to_have_text("Filters")
    with seat(browser, room) as other:  # the same person at another desk
        elsewhere = enter(other)
        elsewhere.locator("#narrowed").press("Enter")
        elsewhere.get_by_role("button", name="Two masts", exact=True).press("Enter")
        expect(elsewhere).to_have_url(re.compile("camera=mast-007&camera=mast-008"))
        expect(elsewhere.locator("#waiting-count")).to_contain_text(" of ")
        elsewhere.get_by_role("button", name="Delete the view Two masts").press("Enter")
        expect(elsewhere.get_by_role("button", name="Two masts", exact=True)).to_have_count(0)
    page.reload()
    lin.wait_for_live()
    assert page.locator("#views li").count() == 0


def test_a_place_is_decided_and_taken_back_by_key(lin: Seat, room: Service) -> None:
    with room.client() as client:
        row = several(client)
        page = open_place(lin, row)
        expect(page.locator("#scope")).to_have_text("Decides all 3 events at this place")
        expect(page.locator("#waiting li[aria-selected=true]")).to_contain_text("×3")
        page.keyboard.type("2f")
        expect(page.locator(f"#place-{row['group']}")).to_have_count(0)
        expect_saved(page, row)
        assert decided(client, row) == ["false"] * 3
        page.keyboard.press("u")
        expect(page.locator("#undone")).to_contain_text("Taken back")
        expect(page.locator("#place li")).to_have_count(3)
        assert decided(client, row) == [None] * 3


def test_one_of_a_place_is_opened_and_decided_by_itself(lin: Seat, room: Service) -> None:
    with room.client() as client:
        row = several(client)
        page = open_place(lin, row)
        page.keyboard.press("]")
        expect(page.locator("#scope")).to_have_text("Decides only this one of 3")
        page.keyboard.press("Escape")
        expect(page.locator("#scope")).to_have_text("Decides all 3 events at this place")
        page.locator("#place li").last.click()
        expect(page.locator("#scope")).to_have_text("Decides only this one of 3")
        page.keyboard.press("1")
        expect(page.locator("#place li")).to_have_count(2)
        expect(page.locator("#scope")).to_have_text("Decides only this one of 2")  # the operator goes on one by one
        expect_saved(page, {"events": row["events"][2:]})
        assert decided(client, row) == [None, None, "real"]
        page.get_by_role("button", name="Decide all together").click()
        expect(page.locator("#scope")).to_have_text("Decides all 2 events at this place")
        page.keyboard.press("1")
        expect(page.locator(f"#place-{row['group']}")).to_have_count(0)
        expect_saved(page, row)
        assert decided(client, row) == ["real"] * 3


def test_of_two_who_decide_a_place_one_is_told(lin: Seat, room: Service) -> None:
    with room.client() as client:
        row = several(client)
        page = open_place(lin, row)

        def after_another(route: Route) -> None:
            client.post(f"/v1/events/{row['events'][1]['id']}/reviews", json={"verdict": "unsure"}).raise_for_status()
            route.continue_()

        page.route("**/v1/queue/*/reviews", after_another)
        page.keyboard.press("1")
        expect(page.locator("#notices")).to_contain_text("decided first: Unsure")
        page.unroute("**/v1/queue/*/reviews")
        assert decided(client, row) == [None, "unsure", None]
        expect(page.locator(f"#place-{row['group']}")).to_contain_text("×2")
    lin.faults.clear()  # the 409


def test_nothing_moves_under_the_hand_when_an_event_arrives(lin: Seat, room: Service) -> None:
    page = lin.page
    for _ in range(3):
        page.locator(".scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")
        page.wait_for_timeout(300)
    group = page.evaluate("[...document.querySelectorAll('#waiting li')].at(-4).dataset.group")
    row = page.locator(f"#place-{group}")
    row.hover()
    before, here = row.bounding_box(), page.url
    camera = f"new-{next(numbers)}"
    event = burn(room, camera, "Newcomer")
    expect(page.locator("#new-above")).to_have_text("↑ 1 new")
    expect(page.locator("#arrived")).to_have_text("New: Flame, Newcomer")
    after = row.bounding_box()
    assert before
    assert after
    assert (round(after["y"] - before["y"]), page.url) == (0, here)
    page.locator("#new-above").click()
    expect(page.locator("#camera")).to_have_text("Newcomer")
    expect(page.locator("#waiting li.new, #waiting li[aria-selected=true]").first).to_be_in_viewport()
    assert page.url.endswith(f"/events/{event}")
    expect(page.locator("#new-above")).to_be_hidden()


def test_the_alarm_says_that_it_is_silent_and_then_rings(browser: Browser, room: Service) -> None:
    with seat(browser, room) as sitting:
        sitting.page.add_init_script(f"({COUNTED})()")
        sitting.open(room.cli("users", "link", "lin").split()[-1].removeprefix(room.url))
        sitting.wait_for_live()
        page = sitting.page
        expect(page.locator("#silent")).to_be_visible()
        page.get_by_role("button", name="Sound on, test").click()
        expect(page.locator("#silent")).to_be_hidden()
        page.evaluate(TESTED)
        page.evaluate("window.tones = 0")
        burn(room, f"new-{next(numbers)}", "Loud")
        expect(page.locator("#arrived")).to_have_text("New: Flame, Loud")
        assert page.evaluate(RUNG) > 0
        page.locator("#alarm-state").press("Enter")
        page.locator("#alarm").get_by_label("Flame").uncheck()
        page.reload()
        sitting.wait_for_live()
        page.locator("#alarm-state").click()
        expect(page.locator("#alarm").get_by_label("Flame")).not_to_be_checked()
        page.evaluate("window.tones = 0")
        burn(room, f"new-{next(numbers)}", "Quiet")
        expect(page.locator("#arrived")).to_have_text("New: Flame, Quiet")
        assert page.evaluate(RUNG) == 0
        for hazard in ("Smoke", "Waste"):
            page.locator("#alarm").get_by_label(hazard).uncheck()
        expect(page.locator("#alarm-state")).to_have_text("Alarm off")
        assert sitting.faults == []


def test_a_desktop_message_is_asked_for_by_a_click(browser: Browser, room: Service) -> None:
    with seat(browser, room) as sitting:
        sitting.page.context.grant_permissions(["notifications"], origin=room.url)
        sitting.page.add_init_script(
            """window.told = []; const Real = Notification;
            window.Notification = class extends Real {
              constructor(title, options) { super(title, options); window.told.push(title); } };
            Object.defineProperty(document, 'hidden', { get: () => window.away === true });"""
        )
        page = enter(sitting)
        page.locator("#alarm-state").press("Enter")
        page.get_by_role("button", name="Desktop messages").press("Enter")
        expect(page.locator("#notify-state")).to_have_text("Desktop messages are on")
        burn(room, f"new-{next(numbers)}", "Seen")
        expect(page.locator("#arrived")).to_have_text("New: Flame, Seen")
        page.evaluate("window.away = true")
        burn(room, f"new-{next(numbers)}", "Unseen")
        expect(page.locator("#arrived")).to_have_text("New: Flame, Unseen")
        assert page.evaluate("window.told") == ["New: Flame, Unseen"]


def lines(browser: Browser) -> int:
    """Shared workers that live in this browser."""
    targets = browser.new_browser_cdp_session().send("Target.getTargets")["targetInfos"]
    return sum(target["type"] == "shared_worker" for target in targets)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_accessible_with_all_that_opens(browser: Browser, room: Service, language: str, colours: str) -> None:
    with room.client() as client:
        row = several(client, 2)
    with seat(browser, room, locale=LANGUAGES[language], color_scheme=colours) as sitting:
        enter(sitting)
        page = open_place(sitting, row)
        assert accessible.faults(page) == []
        for panel in ("#narrowed", "#alarm-state"):
            page.locator(panel).press("Enter")
            assert accessible.faults(page) == [], panel
            assert accessible.unreached(page) == [], panel
            page.locator(panel).press("Enter")
        assert (sitting.faults, sitting.elsewhere) == ([], [])


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (2560, 1440), (3840, 2160)])
def test_the_picture_takes_most_of_the_screen(browser: Browser, room: Service, width: int, height: int) -> None:
    with room.client() as client:
        row = several(client, 2)
    with seat(browser, room, width, height) as sitting:
        enter(sitting)
        page = open_place(sitting, row)
        assert page.evaluate("[document.body.scrollWidth, document.body.scrollHeight]") == [width, height]
        stage = page.locator("#stage").bounding_box()
        assert stage
        assert stage["width"] * stage["height"] > width * height / 2
        rows = page.evaluate("[...document.querySelectorAll('#waiting li')].map((row) => row.scrollHeight - row.clientHeight)")
        assert max(rows) <= 0


def test_one_line_for_all_tabs(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("tabs") / "state") as service, seat(browser, service) as first:
        before = lines(browser)
        first.open(service.cli("users", "add", "lin", "--role", "operator", "--password", PASSWORD) and "/")
        first.sign_in("lin", PASSWORD)
        first.wait_for_live()
        asked: list[str] = []
        tabs = [Seat(service, first.page.context.new_page()) for _ in range(2)]
        for tab in (first, *tabs):
            tab.page.on("request", lambda request: asked.append(request.url))
            tab.open()
            tab.wait_for_live()
        burn(service, "one", "One")
        for tab in (first, *tabs):
            expect(tab.waiting("One")).to_be_visible()
        assert lines(browser) - before == 1
        assert [url for url in asked if "/v1/stream" in url] == []
        first.page.close()  # the tab that opened the line
        burn(service, "two", "Two")
        for tab in tabs:
            expect(tab.waiting("Two")).to_be_visible()
        service.stop()
        for tab in tabs:
            expect(tab.page.locator("#top")).to_have_attribute("data-state", "lost")
        service.start()
        burn(service, "three", "Three")
        for tab in tabs:
            expect(tab.waiting("Three")).to_be_visible()
            tab.wait_for_live()
            assert tab.elsewhere == []
