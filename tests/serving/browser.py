"""A real Chromium, and what one person in front of it does."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Dialog, Locator, Page, expect, sync_playwright

from tests.needs import program
from tests.serving.service import Service

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader",
]  # fmt: skip
PATIENCE_MS = 20_000
PASSWORD = "correct horse battery staple"  # of every user of the tests
# The picture is that of the event in the address, not still the one before.
SHOWN = """() => {
  const picture = document.querySelector("#picture:not([hidden])");
  return picture?.complete && picture.src.includes(location.pathname.split("/").at(-1));
}"""
DOWN = """() => {
  const list = document.querySelector("#lists .scroll");
  const end = list.scrollTop + list.clientHeight >= list.scrollHeight - 1;
  list.scrollTo(0, end ? 0 : list.scrollTop + list.clientHeight / 2);
}"""


expect.set_options(timeout=PATIENCE_MS)


@dataclass  # no slots: Playwright leaves a mark on the object whose method it calls
class Seat:
    """One browser with its own cookies. `faults`: what the console complained of; `elsewhere`: requests to other origins."""

    service: Service
    page: Page
    faults: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("dialog", self._refuse)

    def _note(self, url: str) -> None:
        if not url.startswith((self.service.url, "data:", "blob:")):
            self.elsewhere.append(url)

    def _refuse(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, path: str = "/") -> None:
        self.page.goto(self.service.url + path)

    def sign_in(self, name: str, password: str) -> None:
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", password)
        self.page.keyboard.press("Enter")

    def wait_for_live(self) -> None:
        self.page.wait_for_selector("#top[data-state=live]")

    def waiting(self, camera: str) -> Locator:
        return self.page.locator("#waiting li", has_text=camera)

    def found(self, camera: str) -> Locator:
        """Its row, scrolled to: only the rows that are seen are in the page."""
        row, deadline = self.waiting(camera), time.monotonic() + PATIENCE_MS / 1000
        while row.count() == 0 and time.monotonic() < deadline:
            self.page.evaluate(DOWN)
            self.page.wait_for_timeout(100)
        return row

    def decided(self, camera: str) -> Locator:
        return self.page.locator("#decided li", has_text=camera)

    def choose(self, camera: str) -> None:
        """Open the event of the camera of this name and wait for its picture and boxes."""
        self.found(camera).click()
        self.page.locator("#camera", has_text=camera).wait_for()
        self.page.wait_for_function(SHOWN)
        self.page.wait_for_selector(".box.own .line", state="attached")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium-browser"), args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def seat(browser: Browser, service: Service, width: int = 1366, height: int = 768, **choices: str) -> Iterator[Seat]:
    """`choices`: as Playwright names them, `locale` and `color_scheme`."""
    context = browser.new_context(viewport={"width": width, "height": height}, **choices)
    try:
        yield Seat(service, context.new_page())
    finally:
        context.close()
