"""What the flows need of the outside world. Adapters fulfil these; flows know nothing else of them."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from balefire.domain.access import EVERYWHERE, ApiKey, Reach, Session, User
from balefire.domain.audit import Act, Entry, Head
from balefire.domain.camera import Camera, Position
from balefire.domain.clock import CameraClock
from balefire.domain.detection import Detection, Hazard
from balefire.domain.drill import Drill
from balefire.domain.event import Event, EventState
from balefire.domain.figures import Outcome
from balefire.domain.frame import Frame, Keep
from balefire.domain.glance import Glance
from balefire.domain.health import Fault, Sight, Spell
from balefire.domain.notification import DispatchState, Draft, Notification, Settled
from balefire.domain.presence import Onlooker
from balefire.domain.review import Review, Verdict
from balefire.domain.senders import Senders
from balefire.domain.units import Unit


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


@dataclass(frozen=True, slots=True)
class CameraPulse:
    """What is known of a camera's stream. All None before its first frame. `last_new_at`: last picture that differed.

    `faults`: those that hold, the worst first. `looked_at`: when a picture was last judged as such, by its capture time.
    `interval_s`: usual seconds between frames. Frames that came in the minute that began at `minute_at`, and in the one before.
    """

    camera: str
    last_frame_at: datetime | None = None  # received
    last_new_at: datetime | None = None
    last_captured_at: datetime | None = None
    last_picture_sha256: str = ""
    last_reference_at: datetime | None = None
    clock: CameraClock = field(default_factory=CameraClock)
    frames: int = 0
    faults: tuple[Fault, ...] = ()
    looked_at: datetime | None = None
    interval_s: float = 0.0
    minute_at: datetime | None = None
    minute_frames: int = 0
    minute_before: int = 0
    senders: Senders = field(default_factory=Senders)


class Cameras(Protocol):
    def add(self, camera: Camera) -> None:
        """Raises Conflict where the id is taken."""

    def add_all(self, cameras: Sequence[Camera]) -> None:
        """Thousands at once. Raises Conflict where an id is taken."""

    def save(self, camera: Camera) -> None:
        """Replace. Raises UnknownCamera."""

    def get(self, camera_id: str) -> Camera:
        """Raises UnknownCamera."""

    def all(self, after: str | None = None, limit: int = 1000, within: Reach = EVERYWHERE) -> list[Camera]:
        """By id."""

    def reached(self, camera_ids: Iterable[str], within: Reach) -> set[str]:
        """Those of these cameras that exist and that `within` reaches: one query, however many."""

    def with_zones(self, within: Reach = EVERYWHERE) -> list[Camera]:
        """Those that have an ignore zone and are not retired, by id."""

    def lock(self, camera_id: str) -> CameraPulse:
        """Serialise observing per camera until the transaction ends (FOR UPDATE). Raises UnknownCamera."""

    def pulse(self, camera_id: str) -> CameraPulse:
        """Without a lock. Raises UnknownCamera."""

    def with_pulse(self, camera_id: str) -> tuple[Camera, CameraPulse]:
        """Both at once, without a lock. Raises UnknownCamera."""

    def save_pulse(self, pulse: CameraPulse) -> None: ...

    def pulses(
        self,
        after: str | None = None,
        limit: int | None = None,
        within: Reach = EVERYWHERE,
        retired: bool | None = None,
        faulty: bool | None = None,
    ) -> list[CameraPulse]:
        """By camera. retired, faulty: only those, or only the others; None: both."""


class Health(Protocol):
    """Whether cameras see: spans in which something was wrong, and what each usually looks like."""

    def begin(self, spell: Spell) -> None: ...

    def end(self, camera: str, fault: Fault, at: datetime) -> Spell | None:
        """The span that lasted until now, ended; None where there was none."""

    def resume(self, camera: str, fault: Fault, ended_since: datetime) -> Spell | None:
        """The newest span of this fault, where it ended since then: it lasts again. None where there is none."""

    def between(self, since: datetime, until: datetime, cameras: Sequence[str]) -> list[Spell]:
        """Spans that touch [since, until], by their beginning."""

    def sight(self, camera: str) -> Sight: ...

    def save_sight(self, camera: str, sight: Sight) -> None: ...


class Frames(Protocol):
    def add(self, frame: Frame) -> None: ...

    def get(self, frame_row: str) -> Frame:
        """By our id. Raises UnknownFrame."""

    def find(self, camera: str, frame_id: str) -> Frame | None:
        """By the camera's id of it: was this frame here before?"""

    def times_before(self, camera: str, captured_at: datetime, limit: int, preset: str | None = None) -> list[datetime]:
        """Capture times of the newest `limit` frames at or before `captured_at` that are evidence (accepted or late), and
        were taken in that preset."""

    def between(self, camera: str, since: datetime, until: datetime, preset: str | None, limit: int) -> list[Frame]:
        """The first `limit` frames captured in [since, until] in that preset, whatever their status; by arrival."""

    def newest_picture(self, camera: str) -> Frame | None:
        """The newest frame whose picture is still there."""

    def minutes_watched(self, since: datetime, until: datetime, within: Reach = EVERYWHERE) -> dict[str, int]:
        """By camera, the minutes of [since, until) in which it sent a frame; cameras without any are left out."""

    def in_ring(self, camera: str, since: datetime, until: datetime) -> list[Frame]:
        """Frames with a picture, captured in [since, until], in order."""

    def keep(self, rows: Sequence[str], keep: Keep) -> None: ...

    def expired_ring(self, before: datetime, limit: int) -> list[Frame]:
        """Ring frames that still have a picture and were received before `before`."""

    def unlinked(self, before: datetime, limit: int) -> list[Frame]:
        """Frames kept for an event that no event refers to any more, received before `before`, with a picture."""

    def old_references(self, before: datetime, limit: int) -> list[Frame]: ...

    def forget_pictures(self, rows: Sequence[str]) -> None:
        """The pictures are gone: clear key and keep."""

    def thin(self, before: datetime) -> int:
        """Delete rows received before `before` that have no picture, no event, and are not first of their minute."""


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


class People(Protocol):
    def add_key(self, key: ApiKey) -> None: ...

    def key(self, key_id: str) -> ApiKey | None: ...

    def keys(self, within: Reach = EVERYWHERE) -> list[ApiKey]: ...

    def revoke_key(self, key_id: str, at: datetime) -> None:
        """Raises NotFound."""

    def add_user(self, user: User) -> None:
        """Raises Conflict where the name is taken."""

    def user(self, name: str) -> User | None: ...

    def users(self, within: Reach = EVERYWHERE) -> list[User]: ...

    def save_user(self, user: User) -> None: ...

    def add_session(self, session: Session) -> None: ...

    def session(self, token_sha256: str) -> Session | None: ...

    def end_session(self, token_sha256: str) -> bool:
        """Whether there was one: of two uses of a one-time link only one gets True."""

    def end_sessions_of(self, user: str) -> int: ...

    def purge_sessions(self, now: datetime) -> int: ...


class Units(Protocol):
    def lock(self) -> None:
        """Serialise changes of the tree until the transaction ends."""

    def add_all(self, new: Sequence[Unit]) -> None:
        """Each after its parent. Raises Conflict where a code is taken."""

    def save(self, unit: Unit) -> None:
        """Replace. Raises UnknownUnit, Conflict."""

    def get(self, named: str, within: Reach = EVERYWHERE) -> Unit:
        """By id or by code. Raises UnknownUnit, also where `within` does not reach it."""

    def page(self, within: Reach = EVERYWHERE, after: str | None = None, limit: int | None = None) -> list[Unit]:
        """By code. `after`: a code."""

    def is_below(self, unit_id: str, top: str) -> bool:
        """Whether `unit_id` is `top` or stands somewhere below it."""

    def camera_counts(self) -> dict[str, int]:
        """Cameras of each unit itself, by its id; units without any are left out."""


class Audit(Protocol):
    """Entries become visible in the order of their numbers; nothing changes or removes one."""

    def add(self, act: Act) -> None: ...

    def head(self) -> Head: ...

    def page(self, before: int | None = None, limit: int = 50, what: str | None = None) -> list[Entry]:
        """Newest first. `before`: a number."""

    def all(self) -> Iterator[Entry]:
        """By number, read page by page."""


class Drills(Protocol):
    def lock(self) -> None:
        """Two that start at once take turns."""

    def add(self, drill: Drill) -> None: ...

    def end(self, drill_id: str, at: datetime, by: str) -> None: ...

    def newest(self) -> list[Drill]:
        """Newest first, at most 1,000."""


class Presence(Protocol):
    """Who has which event open right now."""

    def beat(self, event: str, seat: str, name: str, now: datetime) -> None: ...

    def leave(self, event: str, seat: str, name: str) -> None: ...

    def of(self, event: str, seen_after: datetime) -> list[Onlooker]:
        """First come first."""

    def forget(self, seen_before: datetime) -> None: ...


class Outbox(Protocol):
    """What is still to be told to the outside, a row for each message and channel, committed with the change itself."""

    @property
    def channels(self) -> Sequence[str]:
        """Who is told of everything, as the settings say."""

    def add(self, draft: Draft, channels: Sequence[str] | None = None) -> int:
        """A row for each channel (None: all) that does not hold this key yet. Returns how many."""

    def last_of(self, subject: str) -> Notification | None:
        """What was last told, or is about to be, of this subject."""

    def is_due(self, channel: str, now: datetime) -> bool: ...

    def lease(self, channel: str, holder: str, now: datetime, until: datetime, limit: int) -> list[Notification]:
        """Take due rows, each by one holder at a time; of one subject only the earliest. Counts the attempt."""

    def settle(self, leased: Notification, settled: Settled) -> bool:
        """Write how the try ended. False where the lease has passed to another, who will write that."""

    def overdue(self, now: datetime) -> dict[str, int]:
        """Rows by channel whose time ran out."""

    def give_up(self, now: datetime) -> None:
        """End what is overdue."""

    def page(
        self, state: DispatchState | None = None, channel: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[Notification]:
        """Newest first; `before`: a cursor, the last id of the page before."""

    def replay(self, notification_id: int, now: datetime) -> Notification:
        """Due again, with the same key. Returns it as it was. Raises NotFound."""

    def purge(self, before: datetime) -> int:
        """Delete what ended before."""


class Work(Protocol):
    """One transaction: committed where the `with` block ends well, rolled back where it raises."""

    @property
    def cameras(self) -> Cameras: ...
    @property
    def health(self) -> Health: ...
    @property
    def frames(self) -> Frames: ...
    @property
    def events(self) -> Events: ...
    @property
    def reviews(self) -> Reviews: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def views(self) -> Views: ...
    @property
    def changes(self) -> Changes: ...
    @property
    def people(self) -> People: ...
    @property
    def units(self) -> Units: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def presence(self) -> Presence: ...
    @property
    def drills(self) -> Drills: ...
    @property
    def outbox(self) -> Outbox: ...

    def take_lease(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        """Periodic work happens once: True for the holder, until the lease runs out; the holder renews it."""


class Database(Protocol):
    def begin(self) -> AbstractContextManager[Work]:
        """A writing transaction (`BEGIN IMMEDIATE` on SQLite)."""

    def read(self) -> AbstractContextManager[Work]:
        """A reading one, which waits for no writer."""


class FrameStore(Protocol):
    """Pictures by key. Blocking; called in threads. Raises StoreFull where there is no room."""

    def put(self, key: str, data: bytes) -> None: ...

    def get(self, key: str) -> bytes:
        """Raises UnknownFrame."""

    def delete(self, keys: Sequence[str]) -> None:
        """Keys that are not there are passed over."""

    def used_bytes(self) -> int: ...

    def check_room(self) -> None:
        """Raises StoreFull where the next picture would not fit."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What looking at one picture gave. Size in pixels after rotation; times in milliseconds.

    `stored` is the JPEG to keep (privacy masks applied, never the raw bytes of another format). `faint`: detections below
    their bundle's thresholds that a policy may count all the same. `glance`: where it was asked for.
    """

    width: int
    height: int
    detections: tuple[Detection, ...]
    stored: bytes
    timing_ms: dict[str, float]
    faint: tuple[Detection, ...] = ()
    glance: Glance | None = None


class Eye(Protocol):
    """Looks at pictures: the engine and its detectors."""

    def look(self, picture: bytes, camera: Camera, captured_at: datetime, backfill: bool, glance: bool) -> Awaitable[Seen]:
        """glance: say, too, what the picture as such tells of the camera.

        Raises QueueFull, Replaced, and BadInput for what is no picture.
        """

    def bundles(self) -> list[dict[str, str]]:
        """name, version and sha256 of each detector that runs."""


class Sky(Protocol):
    """Where the sun stands."""

    def is_dark(self, position: Position, at: datetime) -> bool:
        """Whether it is night there: the sun lies more than 6° below the horizon."""

    def is_twilight(self, position: Position, at: datetime) -> bool:
        """Whether the sun lies within 6° of the horizon."""


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC-aware."""
