"""Temperatures to grey: 16-bit (or floating point) thermal pictures become 8-bit ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from balefire.domain.bundle import ThermalRange

SAMPLES = 1_000_000  # enough for a percentile; more only takes longer


def to_grey(values: NDArray[np.generic], span: ThermalRange | None) -> NDArray[np.uint8]:
    """values: (h, w), in the unit of `span`. Its low becomes 0, its high 255; None: 1st and 99th percentile."""
    low, high = (span.low, span.high) if span else _percentiles(values)
    if values.dtype == np.uint16:  # a table takes a twelfth of the memory
        table = _scaled(np.arange(65_536, dtype=np.float32), low, high)
        return np.asarray(table[np.asarray(values, np.uint16)])
    return _scaled(np.asarray(values, np.float32), low, high)


def _scaled(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    share = (np.nan_to_num(values, posinf=high, neginf=low) - np.float32(low)) * np.float32(255 / max(high - low, 1e-6))
    return np.asarray(np.clip(np.rint(share), 0, 255), np.uint8)


def _percentiles(values: NDArray[np.generic]) -> tuple[float, float]:
    step = max(1, round((values.size / SAMPLES) ** 0.5))
    sample = np.asarray(values[::step, ::step], np.float32)
    finite = sample[np.isfinite(sample)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(finite, (1, 99))
    return float(low), float(high)
