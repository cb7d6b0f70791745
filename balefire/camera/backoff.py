"""Waits that double, with jitter, so that many cameras do not come back in the same moment."""

from __future__ import annotations

import random


class Backoff:
    """`next_s()` is between half of the wait and the whole; the wait doubles from `first_s` up to `most_s`."""

    def __init__(self, first_s: float, most_s: float) -> None:
        self._first_s, self._most_s = first_s, most_s
        self._wait_s = first_s

    def next_s(self) -> float:
        wait_s, self._wait_s = self._wait_s, min(self._wait_s * 2, self._most_s)
        return random.uniform(wait_s / 2, wait_s)

    def reset(self) -> None:
        self._wait_s = self._first_s
