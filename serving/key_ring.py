"""Who holds a key, remembered for a second: a fleet of cameras shows the same few keys with every frame."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from balefire.domain.access import Principal

REMEMBERED_S = 1.0  # so long a key that was revoked by another process still opens
MOST = 10_000


@dataclass(slots=True)
class KeyRing:
    """Of one process; only keys that open something are kept. `found` belongs to the event loop's thread."""

    found: dict[str, tuple[float, Principal]] = field(default_factory=dict)

    def holder(self, key: str) -> Principal | None:
        until, principal = self.found.get(key, (0.0, None))
        return principal if time.monotonic() < until else None

    def remember(self, key: str, principal: Principal) -> None:
        if len(self.found) >= MOST:
            self.found.clear()
        self.found[key] = (time.monotonic() + REMEMBERED_S, principal)

    def forget(self) -> None:
        """A key was revoked here: from the next request on it opens nothing."""
        self.found.clear()
