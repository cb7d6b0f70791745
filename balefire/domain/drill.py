"""A drill: while one runs, every page and message says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from balefire.domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Drill:
    """`name` is shown to everybody. One at a time; `ended_at` None: it runs. Raises BadInput."""

    id: str
    name: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None = None
    ended_by: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > 100 or not self.name.isprintable():
            raise BadInput("a drill's name has 1 to 100 printable characters")

    def covers(self, at: datetime) -> bool:
        """Whether what happened `at` belongs to the drill."""
        return self.started_at <= at and (self.ended_at is None or at < self.ended_at)
