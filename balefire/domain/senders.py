"""Who sends for one camera. Two at once mix two pictures, and nothing that is judged of them is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=3)  # one that sends a heartbeat a minute comes back often enough to be told
RETURNS = 3  # that begin it: one that is restarted has a new name, and one that takes over stays
MOST_KNOWN = 16


@dataclass(frozen=True, slots=True)
class Senders:
    """`known`: agent → when it last sent, within WINDOW; `returns`: when one sent again after another had, the newest few."""

    last: str | None = None
    known: Mapping[str, datetime] = field(default_factory=dict)
    returns: tuple[datetime, ...] = ()

    def take(self, agent: str, at: datetime) -> Senders:
        """After one more live frame, received `at` then."""
        known = {name: seen for name, seen in self.known.items() if at - seen <= WINDOW}
        returns = tuple(time for time in self.returns if at - time <= WINDOW)
        if agent != self.last and agent in known:
            returns = (*returns, at)[-RETURNS:]
        newest = sorted({**known, agent: at}.items(), key=lambda pair: pair[1])[-MOST_KNOWN:]
        return Senders(agent, dict(newest), returns)

    @property
    def rivals(self) -> list[str]:
        """Those that sent since the first return that is remembered, by name."""
        return sorted(name for name, seen in self.known.items() if self.returns and seen >= self.returns[0])

    def contested(self, held: bool) -> bool:
        """Whether several send at once. held: that this was so before; it ends when none came back within WINDOW."""
        return len(self.returns) >= (1 if held else RETURNS)
