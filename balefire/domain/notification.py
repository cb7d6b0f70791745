"""What is told to the outside: one message to one channel, from the moment it is due until it ends in a terminal state.

pending → delivered        the receiver accepted it
pending → failed           the receiver refused it for good, or `expires_at` passed; a person may replay it

Every try of one message carries the same key, so that a receiver who keeps keys accepts it once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GIVE_UP = timedelta(hours=24)
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0  # a receiver that is back must not wait long for what burns
LONGEST_ASKED_S = 3600.0  # a receiver may ask for patience, but not for ever


class DispatchState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has rows. `kind`: event, incident; `subject`: its id; `body`: JSON; `due_at` None: at once."""

    key: str
    kind: str
    subject: str
    body: str
    created_at: datetime
    due_at: datetime | None = None
    give_up: timedelta = GIVE_UP


@dataclass(frozen=True, slots=True)
class Notification:
    """One row of the outbox. `id` grows; a lease is held by `holder` until `leased_until`; attempts count from 1."""

    id: int
    key: str
    channel: str
    kind: str
    subject: str
    body: str
    created_at: datetime
    due_at: datetime
    expires_at: datetime
    state: DispatchState
    attempts: int
    leased_until: datetime | None
    holder: str | None
    finished_at: datetime | None
    last_error: str

    def after(self, outcome: Outcome, now: datetime) -> Settled:
        """What becomes of the row after a try: an end, or the next try unless that would come too late."""
        if outcome.accepted:
            return Settled(DispatchState.DELIVERED, now, "")
        if outcome.final:
            return Settled(DispatchState.FAILED, now, outcome.reason)
        due = now + timedelta(seconds=retry_s(self.attempts, outcome.retry_after_s))
        if due >= self.expires_at:
            return Settled(DispatchState.FAILED, now, f"given up after {self.attempts} tries: {outcome.reason}")
        return Settled(DispatchState.PENDING, due, outcome.reason)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended. `final`: no later try can help. `retry_after_s`: what the receiver asked for, in seconds."""

    accepted: bool
    reason: str = ""
    final: bool = False
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """`at`: when it ended; of a pending one, when the next try is due."""

    state: DispatchState
    at: datetime
    error: str


def retry_s(attempts: int, asked_s: float | None = None) -> float:
    """Seconds until the next try: doubling from 1 to 60, spread by half so that many do not come back at once."""
    if asked_s is not None:
        return min(max(asked_s, FIRST_RETRY_S), LONGEST_ASKED_S)
    longest = min(FIRST_RETRY_S * 2.0 ** min(attempts - 1, 30), LONGEST_RETRY_S)
    return random.uniform(longest / 2, longest)
