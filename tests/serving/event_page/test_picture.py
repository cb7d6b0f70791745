"""Looking closer at the picture of an event: the close-up, brightness, pace."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.serving import accessible
from tests.serving.browser import Seat, seat
from tests.serving.event_page.desk import area, raise_event, settles, sit_down
from tests.serving.service import Service

PHONE = (390, 844)


def test_the_close_up_follows_the_box(lin: Seat, desk: Service) -> None:
    lin.choose(raise_event(desk))
    whole, close = lin.page.locator("#boxes .box.own .line"), lin.page.locator("#crop-boxes .box.own .line")
    pane = area(lin.page.locator("#close-up"))

    def is_close() -> bool:
        small, large = area(whole), area(close)
        off = large["x"] + large["width"] / 2 - pane["x"] - pane["width"] / 2
        wide, high = large["width"] > 1.3 * small["width"], large["height"] < pane["height"]
        return bool(wide and high and abs(off) < 0.1 * pane["width"])

    for _ in range(3):
        settles(lin, is_close)
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
