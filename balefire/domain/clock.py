"""A camera's clock against ours. A wrong clock never blinds a camera: the offset is estimated, corrected and shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE_S = 5.0  # transit and jitter: below it a clock counts as right
STEADY_S = 2.0  # offsets that agree so closely come from one clock, not from a backlog
STEADY_FRAMES = 5  # so many in a row make a slow clock certain


@dataclass(frozen=True, slots=True)
class CameraClock:
    """`skew_s`: the camera's clock minus ours, 0 where it counts as right. `candidate_s`, `seen`: what is being learnt."""

    skew_s: float = 0.0
    candidate_s: float = 0.0
    seen: int = 0
    last_received_at: datetime | None = None

    def learn(self, captured_at: datetime, received_at: datetime) -> CameraClock:
        """The clock after one more frame.

        A capture in the future proves a fast clock at once. One in the past may be a backlog: only frames that keep
        their distance while arriving as slowly as they were taken prove a slow clock.
        """
        offset_s = (captured_at - received_at).total_seconds()
        if offset_s > TOLERANCE_S:
            steady = abs(offset_s - self.skew_s) <= TOLERANCE_S
            return CameraClock(self.skew_s if steady else offset_s, offset_s, STEADY_FRAMES, received_at)
        if offset_s >= -TOLERANCE_S:
            return CameraClock(0.0, 0.0, 0, received_at)
        unhurried = self.last_received_at is not None and (received_at - self.last_received_at).total_seconds() >= 0.2
        steady = unhurried and abs(offset_s - self.candidate_s) <= STEADY_S
        seen = self.seen + 1 if steady else 1
        skew_s = self.candidate_s if seen >= STEADY_FRAMES else self.skew_s if self.skew_s < 0 and steady else 0.0
        return CameraClock(skew_s, self.candidate_s if steady else offset_s, seen, received_at)

    def correct(self, captured_at: datetime) -> datetime:
        """The capture time by our clock."""
        return captured_at - timedelta(seconds=self.skew_s)
