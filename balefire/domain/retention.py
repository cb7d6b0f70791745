"""How long pictures are kept, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """Days per verdict; None: for ever. Frames that saw nothing leave a row, thinned to one a minute after a day."""

    ring_s: float = 20.0  # pictures before the first sighting
    false_days: float | None = 30.0
    real_days: float | None = 365.0
    unsure_days: float | None = 365.0
    unreviewed_days: float | None = None
    not_raised_days: float | None = 3.0  # candidates that nobody was told about
    reference_days: float | None = 30.0
    rows_days: float = 1.0
    changes_days: float = 7.0
