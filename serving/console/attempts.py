"""How often one may try a password. Per process and forgetful, like `serving.pace`: it makes guessing slow, no more."""

from __future__ import annotations

import time
from collections import deque

WINDOW_S = 60.0
# By address and name together: nobody locks an operator out from elsewhere by guessing at their name.
PER_NAME = 5
PER_ADDRESS = 20
REMEMBERED = 10_000


class Attempts:
    def __init__(self) -> None:
        self._taken: dict[tuple[str, ...], deque[float]] = {}

    def take(self, address: str, name: str) -> bool:
        """Count one attempt, before the password is checked; False where there were too many within the window."""
        now = time.monotonic()
        if len(self._taken) > REMEMBERED:
            self._taken = {key: taken for key, taken in self._taken.items() if taken and taken[-1] > now - WINDOW_S}
        limits = {(address,): PER_ADDRESS, (address, name): PER_NAME}
        if any(self._recent(key, now) >= limit for key, limit in limits.items()):
            return False
        for key in limits:
            self._taken.setdefault(key, deque()).append(now)
        return True

    def forget(self, address: str, name: str) -> None:
        """The password was right: a change of shift behind one address is no attack."""
        self._taken.pop((address, name), None)
        of_address = self._taken.get((address,))
        if of_address:
            of_address.pop()

    def _recent(self, key: tuple[str, ...], now: float) -> int:
        taken = self._taken.get(key, deque())
        while len(taken) > 1 and taken[0] <= now - WINDOW_S:
            taken.popleft()
        return len(taken) if taken and taken[-1] > now - WINDOW_S else 0
