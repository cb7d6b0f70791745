"""What axe-core finds on a page, and whether the keyboard alone reaches everything."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from balefire.settings import CHECKOUT
from tests.needs import missing

AXE = CHECKOUT / "serving" / "console" / "web" / "node_modules" / "axe-core" / "axe.min.js"
# What one can act on; of a group of radio buttons only the chosen one is a stop.
STOPS = """() => [...document.querySelectorAll(
  'a[href], button:not([disabled]), input:not([type=hidden]):not([type=radio]), input[type=radio]:checked, select, summary')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .map((one) => one.dataset.stop = String(window.stops = (window.stops ?? 0) + 1))"""
TABS = 400


@cache
def _axe() -> str:
    if not AXE.is_file():
        missing("axe-core is not installed: make assets")
    return AXE.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """Rule, element and why, of each violation. It is run beside the page, whose policy allows no foreign script."""
    page.evaluate(_axe())
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


def unreached(page: Page) -> list[str]:
    """Visible things to act on that the tab key does not come to, or that do not show that they have the focus."""
    stops = set(page.evaluate(STOPS))
    assert stops
    page.evaluate("document.activeElement?.blur()")
    for _ in range(TABS):
        page.keyboard.press("Tab")
        at, shown = page.evaluate(
            """() => { const at = document.activeElement, on = at.closest('label') ?? at;
            const drawn = (one) => { const style = getComputedStyle(one);
              return (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none'; };
            return [at?.dataset.stop ?? '', drawn(at) || drawn(on)]; }"""
        )
        if shown:
            stops.discard(at)
        if not stops:
            break
    return [str(page.evaluate(f"document.querySelector('[data-stop=\"{stop}\"]').outerHTML")) for stop in stops]
