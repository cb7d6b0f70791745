"""What was raised at the same place before, and what people said of it."""

from __future__ import annotations

from balefire.domain.event import Event
from balefire.flows.ports import EventFilter, Work

MOST = 10
PAGE = 200
PAGES = 5  # read at most: a camera that raises every minute would else be read for ever


def earlier(work: Work, event: Event) -> list[Event]:
    """Events of its camera that were raised before it, where their boxes overlap or they share its group; newest first."""
    found: list[Event] = []
    after = event.id
    for _ in range(PAGES):
        page = work.events.page(EventFilter(camera=event.camera, raised=True, after=after, limit=PAGE))
        found += [one for one in page if _same_place(one, event)]
        if len(page) < PAGE or len(found) >= MOST:
            break
        after = page[-1].id
    return found[:MOST]


def _same_place(one: Event, other: Event) -> bool:
    """By the surest boxes; of a turning camera only what it saw in the same preset lies at the same place."""
    if one.group == other.group:
        return True
    first, second = (max(event.sightings, key=lambda seen: seen.detection.confidence) for event in (one, other))
    return one.preset == other.preset and first.detection.box.intersection(second.detection.box) > 0
