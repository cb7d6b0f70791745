"""Coverage, map, figures and the pages around them: in a real Chromium, on the real service, in both languages."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write

from tests.serving import accessible, pictures
from tests.serving.browser import PASSWORD, Seat, seat
from tests.serving.fires import burn_on
from tests.serving.service import Service, running

SCRIPT = "<script>alert(1)</script>"
LANGUAGES = {"en": "en-US", "zh-CN": "zh-CN"}
PAGES = ["/", "/coverage", "/map", "/figures", "/figures/shift", "/people", "/docs"]
READY = {
    "/": "#top[data-state=live]", "/coverage": "#wall .eye", "/map": "body[data-drawn=yes]", "/figures": ".totals",
    "/figures/shift": ".totals", "/people": "table", "/docs": "#routes td",
}  # fmt: skip
# Latin words that are no language's: names, codes, keys of the keyboard, and what people wrote themselves.
NOT_WORDS = {
    "balefire", "English", "HTTP", "AGPL", "or", "later", "CSV", "B", "space", "GCJ", "Asia", "Shanghai", "UTC", "boss", "lin",
    "script", "alert", "mast", "flame", "fire", "km", "m", "chimney", "Li", "administrator", "key", "quercus", "oak",
    "users", "units", "add", "import", "csv", "ridge", "pier", "tower", "far", "sign", "in",
}  # fmt: skip
CAMERAS = {"ridge": "缙云山 ridge", "pier": "pier", "tower": f"{SCRIPT} tower", "far": "far"}
ZONE = {
    "polygon": [[0, 0], [0.2, 0], [0.2, 0.5], [0, 0.5]], "owner": "Li", "reason": "chimney", "until": "2030-01-01T00:00:00Z",
}  # fmt: skip
LAYER = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [106.42, 29.82]}}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Four cameras in one unit: one raised two events, one only sent, one has a script for a name, one never sent."""
    with running(tmp_path_factory.mktemp("pages") / "state", time_zone="Asia/Shanghai") as service:
        (service.state / "layers").mkdir()
        (service.state / "layers" / "林区.geojson").write_text(json.dumps(LAYER), encoding="utf-8")
        with service.client() as admin:
            for name, role in (("boss", "admin"), ("lin", "operator")):
                admin.post("/v1/users", json={"name": name, "role": role, "password": PASSWORD}).raise_for_status()
            admin.post("/v1/units", json={"code": "quercus", "name": "oak", "kind": "hub"}).raise_for_status()
            for number, (camera, name) in enumerate(CAMERAS.items()):
                body = {
                    "id": camera, "name": name, "unit": None if camera == "ridge" else "quercus", "azimuth_deg": 90.0,
                    "fov_deg": 60.0, "ignore_zones": [ZONE] if camera == "pier" else [],
                    "position": {"lon": 106.40 + number / 50, "lat": 29.80},
                }  # fmt: skip
                admin.post("/v1/cameras", json=body).raise_for_status()
            raise_events(admin)
            admin.post("/v1/cameras/pier/frames", content=pictures.noise(1)).raise_for_status()
        yield service


def raise_events(admin: httpx.Client) -> None:
    """Two fires, of which one was a lamp."""
    for camera in ("ridge", "tower"):
        burn_on(admin, camera)
    event = admin.get("/v1/events", params={"camera": "tower", "raised": True}).json()["items"][0]["id"]
    admin.post(f"/v1/events/{event}/reviews", json={"verdict": "false", "reason": "street_lamp"}).raise_for_status()


def enter(sitting: Seat, path: str) -> Page:
    """Open a page as the administrator, and wait until it shows what it has."""
    sitting.open(path)
    if "/sign-in" in sitting.page.url:
        sitting.sign_in("boss", PASSWORD)
        sitting.page.wait_for_url(sitting.service.url + path)
    sitting.page.wait_for_selector(READY[path.partition("?")[0]])
    return sitting.page


def complaints(sitting: Seat) -> list[str]:
    """Without what software rendering says of a screenshot."""
    return [said for said in sitting.faults if "GPU stall due to ReadPixels" not in said]


@pytest.fixture
def boss(browser: Browser, city: Service) -> Iterator[Seat]:
    with seat(browser, city) as sitting:
        yield sitting
        assert (complaints(sitting), sitting.elsewhere, sitting.dialogs) == ([], [], [])


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_and_accessible(browser: Browser, city: Service, language: str, colours: str) -> None:
    with seat(browser, city, locale=LANGUAGES[language], color_scheme=colours) as sitting:
        sitting.open("/sign-in")
        assert accessible.faults(sitting.page) == [], "/sign-in"
        for path in PAGES:
            page = enter(sitting, path)
            assert page.locator("html").get_attribute("lang") == language
            assert page.locator("#pages [aria-current=page]").count() == (0 if path == "/docs" else 1), path
            assert accessible.faults(page) == [], path
            assert page.locator("script:not([src])").count() == (language != "en")  # the texts, which nothing runs
            if language == "zh-CN" and path != "/docs":
                said = page.locator("body").inner_text() + " ".join(spoken(page))
                assert set(re.findall(r"[A-Za-z]{2,}", without_codes(said))) - NOT_WORDS == set(), path
        assert (complaints(sitting), sitting.elsewhere, sitting.dialogs) == ([], [], [])


def spoken(page: Page) -> list[str]:
    script = "() => [...document.querySelectorAll('[aria-label], [title]')].flatMap((one) => [one.ariaLabel, one.title])"
    return [text for text in page.evaluate(script) if text]


def without_codes(text: str) -> str:
    """Ids and versions stay what they are."""
    return re.sub(r"[0-9A-Z]{26}|\S+@[\d.]+", "", text)


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_is_wide_enough(browser: Browser, city: Service, path: str) -> None:
    with seat(browser, city, 390, 844) as sitting:
        page = enter(sitting, path)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", PAGES)
def test_the_keyboard_reaches_everything(boss: Seat, path: str) -> None:
    assert accessible.unreached(enter(boss, path)) == []


def test_language_and_colours_are_chosen_on_the_page(boss: Seat) -> None:
    page = enter(boss, "/coverage?state=waiting")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.url.endswith("/coverage?state=waiting")
    expect(page.locator("h1")).to_have_text("真的在看吗？")
    page.get_by_role("button", name="颜色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(16, 19, 21)")
    page.get_by_role("link", name="统计").click()
    expect(page.locator("h1")).to_have_text("统计")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_times_are_the_citys(boss: Seat, city: Service) -> None:
    with city.client() as admin:
        at = datetime.fromisoformat(admin.get("/v1/audit", params={"limit": 1}).json()["items"][0]["at"])
    page = enter(boss, "/people")
    assert (at + timedelta(hours=8)).strftime("%F %H:") in page.locator("table").last.inner_text()
    seen = enter(boss, "/coverage").locator(".eye dd[title]").first.get_attribute("title") or ""
    told = datetime.strptime(seen, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - timedelta(hours=8)
    assert abs(datetime.now(UTC) - told) < timedelta(hours=1)


def test_the_wall_shows_each_camera(boss: Seat) -> None:
    page = enter(boss, "/coverage")
    expect(page.locator(".eye")).to_have_count(4)
    ridge, far, pier = (page.locator(".eye", has_text=name) for name in ("ridge", "far", "pier"))
    expect(far).to_contain_text("never sent")
    expect(far.locator(".none")).to_be_visible()
    expect(far.locator(".unjudged")).to_be_hidden()
    expect(ridge.locator(".unjudged")).to_have_text("Cannot be told here: covered, blurred, turned away")  # not learnt yet
    expect(page.locator(".eye").first).to_contain_text("far")  # who does not watch stands first
    ridge.locator("img").scroll_into_view_if_needed()
    assert set(page.locator(".eye img").evaluate_all("images => images.map((one) => one.loading)")) == {"lazy"}
    page.wait_for_function("image => image.naturalWidth === 320", arg=ridge.locator("img").element_handle())
    pier.locator("summary").click()
    expect(pier.locator("details li")).to_contain_text("until 2030-01-01 08:00:00; takes 10.0 % of the view")
    expect(page.locator(".eye h2", has_text="tower")).to_have_text(f"{SCRIPT} tower")


def test_filters_stand_in_the_address(boss: Seat, city: Service) -> None:
    page = enter(boss, "/coverage")
    page.locator("#unit").select_option(label="oak")
    expect(page.locator(".eye")).to_have_count(3)
    page.locator(".chip", has_text="never sent").click()
    expect(page.locator(".eye")).to_have_count(1)
    expect(page.locator("#shown")).to_have_text("0 of 1 are watching")
    page.reload()
    expect(page.locator(".eye")).to_have_count(1)
    expect(page.locator(".eye")).to_contain_text("far")
    expect(page.locator(".chip:has(:checked)")).to_contain_text("never sent")


def pixels(page: Page) -> NDArray[np.int16]:
    """The map as it is drawn, (height, width, 3) RGB, without what lies over it."""
    page.wait_for_timeout(600)  # tiles fade in
    return np.asarray(Image.open(io.BytesIO(page.locator("#map canvas").screenshot())).convert("RGB"), np.int16)


def test_the_map_draws(boss: Seat) -> None:
    page = enter(boss, "/map")
    with_cones = pixels(page)
    red, green, blue = np.moveaxis(with_cones, 2, 0)
    assert ((red > 150) & (green < 80) & (blue < 80)).any()  # a camera that never sent
    page.get_by_label("Where cameras look").uncheck()
    assert (np.abs(with_cones - pixels(page)).max(axis=2) > 6).mean() > 0.01
    expect(page.get_by_label("林区")).to_be_checked()
    pin = page.locator("a.pin")
    expect(pin).to_have_count(1)  # the other event is decided
    expect(page.locator("#open")).to_contain_text("ridge")
    x1, _, x2, _ = city_event(boss.service)["best"]["box"]
    bearing = 90 + math.degrees(math.atan((x1 + x2 - 1) * math.tan(math.radians(30))))  # of a lens without distortion
    expect(page.locator("#open .hint")).to_have_text(f"{round(bearing)}°")
    east = (float(pin.get_attribute("data-lon") or 0) - 106.40) * math.cos(math.radians(29.8)) * 111_195
    north = (float(pin.get_attribute("data-lat") or 0) - 29.80) * 111_195
    assert math.degrees(math.atan2(east, north)) == pytest.approx(bearing, abs=0.1)
    assert math.hypot(east, north) == pytest.approx(2400, abs=5)
    expect(page.locator("#cameras button", has_text="tower")).to_have_text(f"{SCRIPT} tower")
    pin.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/events/"))


def city_event(service: Service) -> dict[str, Any]:
    with service.client() as admin:
        found: dict[str, Any] = admin.get("/v1/events", params={"camera": "ridge", "raised": True}).json()["items"][0]
    return found


def test_gcj_02_is_a_switch_of_the_screen(boss: Seat) -> None:
    page = enter(boss, "/map")
    label = page.locator(".label", has_text="ridge")
    assert label.get_attribute("data-lon") == "106.400000"
    page.get_by_label("Shift to GCJ-02").check()
    expect(label).not_to_have_attribute("data-lon", "106.400000")
    east, north = (float(label.get_attribute(f"data-{axis}") or 0) for axis in ("lon", "lat"))
    assert 0.003 < east - 106.4 < 0.005  # about 370 m east and 290 m south of where it stands, as there everywhere
    assert -0.004 < north - 29.8 < -0.002


def purple() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 0, 200)).save(out, "PNG")
    return out.getvalue()


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def dry_land() -> bytes:
    """A vector tile (Mapbox Vector Tile 2.1) that is one polygon of the layer `earth`, as Protomaps names it."""
    edge = b"\x80\x40"  # 4096 to the right or down, zigzag; its opposite ends in 0x3f
    back = b"\xff\x3f"
    ring = b"\x09\x00\x00\x1a" + edge + b"\x00\x00" + edge + back + b"\x00\x0f"
    feature = b"\x18\x03" + field(4, ring)
    return field(3, field(1, b"earth") + field(2, feature) + b"\x28\x80\x20\x78\x02")


@pytest.mark.parametrize(("kind", "tile"), [(TileType.PNG, purple()), (TileType.MVT, dry_land())], ids=["raster", "vector"])
def test_a_basemap_of_ones_own(boss: Seat, city: Service, kind: TileType, tile: bytes) -> None:
    plain = pixels(enter(boss, "/map"))
    basemap = city.state / "basemap.pmtiles"
    with write(str(basemap)) as out:
        out.write_tile(zxy_to_tileid(0, 0, 0), tile)
        world = {
            "min_lon_e7": -1_800_000_000,
            "max_lon_e7": 1_800_000_000,
            "min_lat_e7": -850_000_000,
            "max_lat_e7": 850_000_000,
        }
        middle = {"center_zoom": 0, "center_lon_e7": 0, "center_lat_e7": 0, "min_zoom": 0, "max_zoom": 0}
        out.finalize({"tile_type": kind, "tile_compression": Compression.NONE, **world, **middle}, {"attribution": "us"})
    try:
        drawn = pixels(enter(boss, "/map"))
    finally:
        basemap.unlink()
    assert (np.abs(drawn - plain).max(axis=2) > 3).mean() > 0.5
    if kind is TileType.PNG:
        assert (drawn == (200, 0, 200)).all(axis=2).mean() > 0.5


def test_figures_and_their_table(boss: Seat) -> None:
    page = enter(boss, "/figures")
    totals = dict(zip(page.locator(".totals dt").all_inner_texts(), page.locator(".totals dd").all_inner_texts(), strict=True))
    assert (totals["Events"], totals["False"], totals["Waiting"], totals["Real"]) == ("2", "1", "1", "0")
    assert totals["False per camera-day"] == "–"  # nothing is claimed from minutes of watching
    expect(page.locator("section", has_text="By what they were").locator("tbody th")).to_have_text("Street lamp")
    expect(page.locator("section", has_text="By camera").locator("tbody th").first).to_have_text(f"{SCRIPT} tower")
    with page.expect_download() as coming:
        page.get_by_role("link", name="By hazard as CSV").click()
    rows = list(csv.DictReader(Path(coming.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["name"], row["events"], row["false"]) for row in rows] == [
        ("flame", "2", "1"),
        ("smoke", "0", "0"),
        ("waste", "0", "0"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "?from=2026-02-30&to=x",
        "?from=2026-05-02&to=2026-05-01",
        "?from=2001-01-01",
        "?from=0001-01-01&to=0001-01-02",
        "?from=9999-12-31&to=9999-12-31",
    ],
)
@pytest.mark.parametrize("path", ["/figures", "/figures/shift"])
def test_a_span_that_is_none_is_said(boss: Seat, path: str, query: str) -> None:
    page = enter(boss, path + query)
    expect(page.get_by_role("alert").first).to_contain_text("no span of time")
    expect(page.locator(".totals dd").first).to_have_text("2")


def test_a_shift_report_prints(boss: Seat) -> None:
    page = enter(boss, "/figures/shift")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_contain_text("Street lamp")
    expect(page.locator(".unwatched")).to_contain_text("far")
    page.emulate_media(media="print")
    expect(page.locator("#top")).to_be_hidden()
    expect(page.get_by_text("Handed over by")).to_be_visible()
    for choice in ("auto", "dark"):  # dark paper would be wet paper
        page.evaluate("choice => { document.documentElement.dataset.theme = choice }", choice)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")


def test_an_operator_finds_no_way_to_people(browser: Browser, city: Service) -> None:
    with seat(browser, city) as sitting:
        sitting.open("/coverage")
        sitting.sign_in("lin", PASSWORD)
        sitting.page.wait_for_selector("#wall .eye")
        assert sitting.page.locator("#pages a").all_inner_texts() == ["Queue", "Coverage", "Map", "Figures"]


def test_only_what_lies_in_the_folder_is_a_layer(city: Service) -> None:
    with city.client() as admin:
        assert admin.get("/v1/layers").json()["items"] == [{"name": "林区", "href": "/v1/layers/林区.geojson"}]
        answer = admin.get("/v1/layers/林区.geojson")
        assert (answer.json(), answer.headers["content-type"]) == (LAYER, "application/geo+json")
        for name in ("..%2Fadmin", "%2e%2e%2fbalefire", "nothing"):
            assert admin.get(f"/v1/layers/{name}.geojson").status_code == 404
        assert admin.get("/v1/basemap.pmtiles").status_code == 404


def test_a_basemap_is_read_in_ranges(city: Service) -> None:
    basemap = city.state / "basemap.pmtiles"
    basemap.write_bytes(bytes(range(256)))
    try:
        with city.client() as admin:
            answer = admin.get("/v1/basemap.pmtiles", headers={"Range": "bytes=16-31"})
    finally:
        basemap.unlink()
    assert (answer.status_code, answer.content) == (206, bytes(range(16, 32)))


@pytest.mark.parametrize(("asked", "width"), [("", 320), ("?width=64", 64), ("?width=1920", 1280)])
def test_the_newest_picture_is_small(city: Service, asked: str, width: int) -> None:
    with city.client() as admin:
        answer = admin.get(f"/v1/cameras/ridge/latest.jpg{asked}")
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.format, picture.width, picture.height) == ("JPEG", width, round(width * 9 / 16))
        assert datetime.fromisoformat(answer.headers["captured-at"]).tzinfo
        assert [admin.get(f"/v1/cameras/{name}/latest.jpg").status_code for name in ("far", "nobody")] == [404, 404]
        assert admin.get("/v1/cameras/ridge/latest.jpg?width=5000").status_code == 422


@pytest.mark.parametrize(
    "query",
    ["?to=0001-01-02T00:00:00Z", "?from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z", "?from=2026-01-01T00:00:00", "?from=x"],
)
@pytest.mark.parametrize("path", ["/v1/stats", "/v1/stats.csv"])
def test_figures_of_no_span_are_refused(city: Service, path: str, query: str) -> None:
    with city.client() as admin:
        assert admin.get(path + query).status_code == 422


def test_cameras_as_geojson(city: Service) -> None:
    with city.client() as admin:
        found = admin.get("/v1/cameras.geojson")
    places = {one["properties"]["id"]: one["geometry"]["coordinates"] for one in found.json()["features"]}
    assert found.headers["content-type"] == "application/geo+json"
    assert places["ridge"] == [106.4, 29.8]
    assert set(places) == {"far", "pier", "ridge", "tower"}
