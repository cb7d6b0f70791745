"""Events: what was seen, what waits, what was decided, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from balefire.domain.access import EVERYWHERE, Reach
from balefire.domain.detection import Detection, Hazard
from balefire.domain.event import Event, EventState
from balefire.domain.figures import Outcome
from balefire.domain.frame import Frame
from balefire.domain.review import Review, Verdict


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person narrows events to; empty and None: any. `unit`: an id, with all units below it.

    `since` and `until`: of `raised_at`, [since, until).
    """

    hazards: tuple[Hazard, ...] = ()
    cameras: tuple[str, ...] = ()
    unit: str | None = None
    states: tuple[EventState, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def everything(self) -> bool:
        return self == Chosen()


@dataclass(frozen=True, slots=True)
class EventFilter:
    """None: any. `reviewed`: whether a verdict exists; `after`: a cursor, the last id of the page before."""

    states: tuple[EventState, ...] = ()
    hazard: Hazard | None = None
    camera: str | None = None
    reviewed: bool | None = None
    raised: bool | None = None  # whether it was ever raised
    after: str | None = None
    limit: int = 50
    within: Reach = EVERYWHERE
    chosen: Chosen = Chosen()


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Groups of which an event that waits is chosen. `after`: time and group of the last row of the page before."""

    chosen: Chosen = Chosen()
    after: tuple[datetime, str] | None = None
    limit: int = 50
    within: Reach = EVERYWHERE


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What waits at one place. `queue_at`: the earliest of its events; `events`: those that wait, the most urgent first."""

    group: str
    queue_at: datetime
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits. `oldest_at`: when the oldest was raised."""

    groups: int
    events: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class View:
    """A view of the queue that somebody keeps. `address`: the query of the page's address."""

    owner: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of the `changes` table, which the stream reads. `kind`: event, incident or camera; ids only grow."""

    id: int
    kind: str
    subject: str
    body: str  # JSON
    at: datetime


class Events(Protocol):
    def add(self, event: Event) -> None: ...

    def save(self, *changed: Event) -> None:
        """State, times, reason, and sightings that are not stored yet."""

    def get(self, event_id: str) -> Event:
        """With its sightings. Raises UnknownEvent."""

    def open_of(self, camera: str) -> list[Event]:
        """Candidate, raised and standing events of one camera, with their first sighting and as many of the newest as
        judge them: 32, or 4 where all are raised already."""

    def open_before(self, last_seen_before: datetime, limit: int) -> list[Event]:
        """Open events of all cameras without a sighting since then."""

    def page(self, wanted: EventFilter) -> list[Event]:
        """Newest first, without sightings but the surest one."""

    def outcomes(self, since: datetime, until: datetime, within: Reach = EVERYWHERE) -> list[Outcome]:
        """Events raised in [since, until), oldest first."""

    def link_frames(self, event_id: str, frame_rows: Sequence[str]) -> None:
        """These frames show the event (or what was before it). Linking twice does nothing."""

    def frames_of(self, event_id: str) -> list[Frame]:
        """Linked frames by capture time."""

    def seen_in(self, frame_rows: Sequence[str]) -> dict[str, dict[str, list[Detection]]]:
        """By frame, the events that it belongs to, and what of each was seen in it; nothing where it only surrounds them."""

    def closed_for_purge(self, verdict: Verdict | None, raised: bool, before: datetime, limit: int) -> list[str]:
        """Closed events whose last verdict is `verdict` (None: no review), closed before `before`, still with frames."""

    def unlink_frames(self, event_id: str) -> None: ...


class Queue(Protocol):
    """Raised events without a verdict, by group. Events come without sightings but the surest one."""

    def page(self, wanted: QueueFilter) -> list[QueueRow]:
        """The most urgent first. A row holds all that waits of its group, chosen or not."""

    def backlog(self, chosen: Chosen, within: Reach = EVERYWHERE) -> Backlog: ...

    def of(self, group: str) -> list[Event]:
        """Every raised event of the group, decided or not, by id."""

    def at_camera(self, camera: str, preset: str | None, limit: int) -> list[Event]:
        """The newest that wait there."""


class Views(Protocol):
    def of(self, owner: str) -> list[View]:
        """By name."""

    def save(self, view: View) -> None:
        """Replace the one of this name."""

    def remove(self, owner: str, name: str) -> None:
        """Raises NotFound."""


class Reviews(Protocol):
    def hold(self, event: str) -> list[Review]:
        """Its reviews, oldest first; until the transaction ends nobody adds one. Raises UnknownEvent."""

    def add(self, review: Review) -> None:
        """Raises UnknownEvent."""

    def of(self, event_ids: Iterable[str]) -> dict[str, list[Review]]:
        """Reviews per event, oldest first."""


class Changes(Protocol):
    def add(self, kind: str, subject: str, body: str, at: datetime) -> None:
        """Ids become visible in the order of the ids, on every database."""

    def after(self, last_id: int, limit: int) -> list[ChangeRow]: ...

    def newest(self) -> int:
        """0 where there is none."""

    def purge(self, before: datetime) -> int: ...
