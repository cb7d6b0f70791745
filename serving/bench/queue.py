"""A real queue in a real Chromium: how soon it is painted, and how soon the next event is seen after a decision."""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from serving.bench.queue_fill import fill
from serving.bench.report import Row, console
from serving.bench.service import Service

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DECISIONS = 40
OPENED = 5  # times; the first one with an empty cache
BETWEEN_S = 0.4  # a quick operator; meanwhile the next event is read
OPERATOR = "bench"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
# From the navigation: the first paint, rows in the list, and the first event's picture.
OPENING = """() => new Promise((done) => {
  const look = () => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    if (!window.rowsAt && document.querySelector('#waiting li')) window.rowsAt = performance.now();
    const picture = document.getElementById('picture');
    if (paint && window.rowsAt && !picture.hidden && picture.complete) done([paint, window.rowsAt, performance.now()]);
    else requestAnimationFrame(look);
  };
  look();
})"""
# From the key to the first frame in which another event's picture stands there, decoded.
DECIDING = """() => {
  const picture = document.getElementById('picture');
  window.took = [];
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ type: 'longtask' });
  document.addEventListener('keydown', (press) => {
    if (press.key !== '1') return;
    const [from, before, address] = [press.timeStamp, picture.src, location.pathname];
    const look = () => {
      const there = location.pathname !== address && picture.src !== before && !picture.hidden && picture.complete;
      if (there) window.took.push(performance.now() - from);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { capture: true });
}"""

SEEN = """(number) => new Promise((done) => {
  const look = () => (window.took.length > number ? done() : requestAnimationFrame(look));
  look();
})"""


def run(places: int) -> dict[str, Row]:
    """So many places wait. Raises SystemExit without Playwright or Chromium."""
    with tempfile.TemporaryDirectory(prefix="balefire-bench-") as folder:
        service = Service(Path(folder) / "state", {"detectors": "fire"})
        console.print(f"{places} places …")
        events = fill(service.state, places)
        service.start()
        try:
            page_ms = _ask(service, places)
            opened, took, rows, longest = _sit_down(service)
        finally:
            service.stop()
    paint, listed, picture = (statistics.median(one[n] for one in opened) for n in range(3))
    return {
        "queue_events": Row(events, f"events wait at {places} places"),
        "queue_page": Row(round(page_ms, 1), "ms for the first 200 rows over HTTP, median"),
        "queue_paint": Row(round(paint / 1000, 2), "s to the first paint, median", "<= 1"),
        "queue_listed": Row(round(listed / 1000, 2), "s until rows are there, median"),
        "queue_picture": Row(round(picture / 1000, 2), "s until the first event's picture is there, median"),
        "queue_next": Row(round(statistics.median(took), 1), "ms from the key to the next picture, median", "<= 100"),
        "queue_next_worst": Row(round(max(took), 1), f"ms from the key to the next picture, worst of {len(took)}"),
        "queue_rows": Row(rows, "rows in the page"),
        "queue_longest": Row(round(longest, 1), "ms, the longest task of the page while deciding"),
    }


def _ask(service: Service, places: int) -> float:
    took = []
    for _ in range(10):
        started = time.perf_counter()
        _, page = service.ask("GET", "/v1/queue?limit=200")
        took.append((time.perf_counter() - started) * 1000)
        if page["waiting"]["groups"] != places:
            raise SystemExit(f"{page['waiting']['groups']} places wait, not {places}")
    return statistics.median(took)


def _sit_down(service: Service) -> tuple[list[list[float]], list[float], int, float]:
    """Times of opening the page, of each decision, rows in the page, and the longest task."""
    with _browser() as browser:
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(_link(service))
        page.wait_for_selector("#top[data-state=live]")
        opened = []
        for _ in range(OPENED):
            page.goto(f"http://127.0.0.1:{service.port}/")
            opened.append(page.evaluate(OPENING))
        page.wait_for_selector("#top[data-state=live]")
        time.sleep(1)
        page.evaluate(DECIDING)
        for number in range(DECISIONS):
            page.keyboard.press("1")
            page.evaluate(SEEN, number)
            time.sleep(BETWEEN_S)
        return opened, *page.evaluate("[window.took, document.querySelectorAll('#waiting li').length, window.longest]")


@contextlib.contextmanager
def _browser() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise SystemExit("needs Playwright: pip install 'balefire[dev]'") from error
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("needs chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


def _link(service: Service) -> str:
    """The address at which the operator of this bench signs in, once."""
    status, said = service.ask("POST", "/v1/users", {"name": OPERATOR, "role": "operator", "password": "a bench of many rows"})
    if status != 201:
        raise SystemExit(f"no operator: {said}")
    order = [sys.executable, "-m", "balefire", "users", "link", OPERATOR, "--state", str(service.state)]
    done = subprocess.run(order, capture_output=True, text=True, check=True)
    token = done.stdout.strip().rsplit("/", 1)[-1]
    return f"http://127.0.0.1:{service.port}/sign-in/{token}"
