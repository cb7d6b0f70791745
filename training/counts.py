"""k of n, and how far such a count reaches: the exact (Clopper–Pearson) 95 % interval of a share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

TAIL = 0.025
STEPS = 60  # halvings: below the last bit of a float


@dataclass(frozen=True, slots=True)
class Count:
    """`found` of `of`. Raises ValueError where that cannot be."""

    found: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.found <= self.of:
            raise ValueError(f"{self.found} of {self.of}")

    @property
    def share(self) -> float:
        """0–1; 0 where nothing was counted."""
        return self.found / self.of if self.of else 0.0

    @property
    def interval95(self) -> tuple[float, float]:
        """Bounds of the true share, 0–1. Clopper and Pearson, Biometrika 26 (1934)."""
        low = _where(lambda share: 1 - _at_most(self.found - 1, self.of, share) >= TAIL) if self.found else 0.0
        high = _where(lambda share: _at_most(self.found, self.of, share) <= TAIL) if self.found < self.of else 1.0
        return low, high


def _where(reached: Callable[[float], bool]) -> float:
    """The share at which `reached` turns true; it is false below and true above."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _at_most(found: int, of: int, share: float) -> float:
    """The chance of at most `found` of `of` when each has the chance `share`, 0 < share < 1."""
    log, log_not = math.log(share), math.log1p(-share)
    total = math.lgamma(of + 1)
    return sum(
        math.exp(total - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * log + (of - k) * log_not) for k in range(found + 1)
    )
