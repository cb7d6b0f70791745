"""What the flows need of the outside world. Adapters fulfil these; flows know nothing else of them."""

from __future__ import annotations

from balefire.flows.ports.database import Database, Outbox, Work
from balefire.flows.ports.events import (
    Backlog,
    ChangeRow,
    Changes,
    Chosen,
    EventFilter,
    Events,
    Queue,
    QueueFilter,
    QueueRow,
    Reviews,
    View,
    Views,
)
from balefire.flows.ports.fleet import CameraPulse, Cameras, Frames, Health
from balefire.flows.ports.people import Audit, Drills, People, Presence, Units
from balefire.flows.ports.world import Clock, Eye, FrameStore, Seen, Sky

__all__ = [
    "Audit",
    "Backlog",
    "CameraPulse",
    "Cameras",
    "ChangeRow",
    "Changes",
    "Chosen",
    "Clock",
    "Database",
    "Drills",
    "EventFilter",
    "Events",
    "Eye",
    "FrameStore",
    "Frames",
    "Health",
    "Outbox",
    "People",
    "Presence",
    "Queue",
    "QueueFilter",
    "QueueRow",
    "Reviews",
    "Seen",
    "Sky",
    "Units",
    "View",
    "Views",
    "Work",
]
