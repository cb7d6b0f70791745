"""What a detector says of one frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from balefire.domain.geometry import Box


class Hazard(StrEnum):
    """What people are told about. A detector's classes map to one of these or to none."""

    FLAME = "flame"
    SMOKE = "smoke"
    WASTE = "waste"


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing in one frame. `confidence` 0–1; `bundle` is `name@version`, the model that saw it."""

    class_name: str
    hazard: Hazard | None
    confidence: float
    box: Box
    bundle: str

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence lies between 0 and 1, got {self.confidence}")
