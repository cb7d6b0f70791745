"""How fast one camera may post. Per process and forgetful: it protects the service and decides nothing else."""

from __future__ import annotations

import time

from balefire.domain.errors import TooFast


class Pace:
    """A token bucket a camera: `per_second` frames, a burst of two seconds."""

    def __init__(self, per_second: float) -> None:
        self._rate, self._burst = per_second, per_second * 2
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, camera: str) -> None:
        """Raises TooFast."""
        now = time.monotonic()
        tokens, at = self._buckets.get(camera, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        if tokens < 1:
            raise TooFast(f"camera {camera} posts more than {self._rate:g} frames a second")
        self._buckets[camera] = (tokens - 1, now)
