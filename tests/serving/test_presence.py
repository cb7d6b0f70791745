"""Operators who have the same event open see each other, over two services on one database; only one of them decides it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.serving import accessible
from tests.serving.browser import PASSWORD, PATIENCE_MS, Seat, seat
from tests.serving.fires import burn_on
from tests.serving.service import Service, begun, wait_until_ready

NAMES = {"ridge": "Jinyun ridge", "pier": "Chaotianmen pier"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Service]]:
    """Two replicas; two fires."""
    folder = tmp_path_factory.mktemp("presence")
    shared = {
        "database_url": f"sqlite:///{folder / 'shared.sqlite'}", "frames_url": str(folder / "frames"), "detectors": "fire",
    }  # fmt: skip
    both = [begun(folder / name, **shared) for name in ("one", "other")]
    try:
        for service in both:
            wait_until_ready(service)
        with both[0].client() as admin:
            for name in ("Li Wei", "Wang Fang"):
                user = {"name": name, "role": "operator", "password": PASSWORD}
                admin.post("/v1/users", json=user).raise_for_status()
            for camera, name in NAMES.items():
                admin.post("/v1/cameras", json={"id": camera, "name": name, "detectors": ["fire"]}).raise_for_status()
                burn_on(admin, camera)
        yield both
    finally:
        for service in both:
            if service.process.poll() is None:
                service.stop()


@pytest.fixture
def two(browser: Browser, pair: list[Service]) -> Iterator[tuple[Seat, Seat]]:
    """Li Wei at one service, Wang Fang at the other."""
    with seat(browser, pair[0]) as li, seat(browser, pair[1], color_scheme="dark") as wang:
        for sitting, name in ((li, "Li Wei"), (wang, "Wang Fang")):
            sitting.open()
            sitting.sign_in(name, PASSWORD)
            sitting.wait_for_live()
        yield li, wang


def acts(service: Service) -> list[str]:
    with service.client() as admin:
        items = admin.get("/v1/audit", params={"limit": 1000}).json()["items"]
    return sorted(item["what"] for item in items if item["what"] != "sign_in")


def test_two_see_each_other_until_one_goes_on_or_closes_the_tab(two: tuple[Seat, Seat], pair: list[Service]) -> None:
    before = acts(pair[0])
    li, wang = two
    others = [sitting.page.locator("#others") for sitting in two]
    li.choose(NAMES["ridge"])
    wang.choose(NAMES["ridge"])
    expect(others[1]).to_have_text("Li Wei is looking at this too")
    expect(others[0]).to_have_text("Wang Fang is looking at this too")
    assert accessible.faults(li.page) == accessible.faults(wang.page) == []
    head = li.page.locator("#facts").bounding_box()
    wang.choose(NAMES["pier"])
    expect(others[1]).to_have_text("")
    expect(others[0]).to_have_text("")
    assert li.page.locator("#facts").bounding_box() == head  # nothing jumps
    wang.choose(NAMES["ridge"])
    expect(others[0]).to_have_text("Wang Fang is looking at this too")
    wang.page.close(run_before_unload=True)
    # A closing tab's farewell may be lost; then its beats are missed 30 s later.
    expect(others[0]).to_have_text("", timeout=3 * PATIENCE_MS)
    assert li.faults == []
    assert acts(pair[0]) == before


def test_the_second_of_two_decisions_is_refused_and_told(two: tuple[Seat, Seat], pair: list[Service]) -> None:
    li, wang = two
    for sitting in two:
        sitting.choose(NAMES["pier"])
    with pair[0].client() as admin:
        event = admin.get("/v1/events", params={"camera": "pier", "raised": True}).json()["items"][0]["id"]

    # What Li decides reaches Wang's page only after Wang's own press has left it.
    def after_li(route: Route) -> None:
        li.page.keyboard.press("1")
        expect(li.decided(NAMES["pier"])).to_be_visible()
        route.continue_()

    wang.page.route("**/reviews", after_li)
    wang.page.keyboard.press("3")
    wang.page.keyboard.press("3")
    expect(wang.page.locator("#notices")).to_contain_text("Li Wei decided first: Real")
    with pair[1].client() as admin:
        assert [one["by"] for one in admin.get(f"/v1/events/{event}").json()["reviews"]] == ["Li Wei"]
