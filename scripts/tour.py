"""Take the pictures of the README's tour anew: python scripts/tour.py   # writes docs/tour-*.png

A real service with rendered cameras of a small city, watched by a real Chromium. Nothing in the pictures is private.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np

from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene
from tests.serving.browser import Seat, chromium, seat
from tests.serving.service import Service, running

DOCS = Path(__file__).resolve().parent.parent / "docs"
UNITS = "code,name,kind,parent\nhub,City hub 市中心,hub,\nbeibei,Beibei 北碚,district,hub\nyuzhong,Yuzhong 渝中,district,hub\n"
CAMERAS = """id,name,unit,lon,lat,azimuth_deg,fov_deg
jinyun-1,Jinyun ridge mast 缙云山,beibei,106.385,29.836,120,60
jinyun-2,Jinyun gate 缙云门,beibei,106.398,29.829,300,60
street-1,Night street 夜街,yuzhong,106.571,29.558,45,70
street-2,Street corner 街角,yuzhong,106.566,29.552,200,70
"""
SCENES = {
    "jinyun-1": ("hillside", 1, 5.0),
    "jinyun-2": ("hillside", 2, 1e6),
    "street-1": ("street", 1, 0.0),
    "street-2": ("street", 3, 1e6),
}
FOGGED = "jinyun-2"  # loses its focus on the way
SHOTS = {"en": ("page", "event", "boxes", "map", "figures", "people"), "zh": ("reasons", "zone", "coverage", "shift")}
KEYS = {"reasons": "2", "boxes": "e", "zone": "a"}
ADDRESSES = {"shift": "/figures/shift"}


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "state", time_zone="Asia/Shanghai", look_s="0.5") as service,
    ):
        _furnish(service, Path(folder))
        _watch(service, 45)
        with chromium() as browser:
            for language, locale in (("en", "en-GB"), ("zh", "zh-CN")):
                with seat(browser, service, 1600, 900, locale=locale, color_scheme="dark") as chair:
                    chair.open(service.cli("users", "link", "lin").split()[-1].replace(service.url, ""))
                    chair.wait_for_live()
                    for shot in SHOTS[language]:
                        _look(chair, shot)
                        chair.page.screenshot(path=DOCS / ("page.png" if shot == "page" else f"tour-{shot}-{language}.png"))


def _look(chair: Seat, shot: str) -> None:
    if shot in ("page", "event", *KEYS):
        chair.open()
        chair.wait_for_live()
        waiting = chair.page.locator("#waiting li")
        (waiting.last if shot == "page" else waiting.first).click()
        chair.page.wait_for_selector("#picture:not([hidden])")
        time.sleep(2)
        if shot in KEYS:
            chair.page.keyboard.press(KEYS[shot])
            time.sleep(1)
        return
    chair.open(ADDRESSES.get(shot, f"/{shot}"))
    time.sleep(4)


def _furnish(service: Service, folder: Path) -> None:
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "cameras.csv").write_text(CAMERAS, encoding="utf-8")
    service.cli("units", "import", str(folder / "units.csv"))
    service.cli("cameras", "import", str(folder / "cameras.csv"))
    service.cli("users", "add", "lin", "--role", "admin", "--password", "a long tour through the house")


def _watch(service: Service, seconds: int) -> None:
    """A frame a second of each camera, by its own time, as fast as it goes."""
    films = {camera: scene(kind, seed=seed, starts_s=starts) for camera, (kind, seed, starts) in SCENES.items()}
    with service.client() as client:
        for second in range(seconds):
            for camera, film in films.items():
                picture = film.frame(float(second))
                if camera == FOGGED and second > 0.7 * seconds:
                    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 14), np.uint8)
                answer = client.post(f"/v1/cameras/{camera}/frames", content=to_jpeg(picture))
                answer.raise_for_status()
            time.sleep(0.6)


if __name__ == "__main__":
    main()
