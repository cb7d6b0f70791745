"""Exact 95 % intervals against published values."""

from __future__ import annotations

import pytest

from training.counts import Count


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [
        (0, 28, 0.0, 0.1234),  # 1 − 0.025^(1/28)
        (28, 28, 0.8766, 1.0),
        (1, 1, 0.025, 1.0),
        (8, 277, 0.0126, 0.0561),
        (5, 10, 0.1871, 0.8129),  # Clopper and Pearson, table for n = 10
        (0, 0, 0.0, 1.0),
    ],
)
def test_exact_interval(found: int, of: int, low: float, high: float) -> None:
    assert Count(found, of).interval95 == pytest.approx((low, high), abs=2e-4)


def test_more_than_all_is_no_count() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        Count(3, 2)
