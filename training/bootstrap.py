"""How far a figure reaches: its 95 % interval, by drawing scenes anew. Pictures of one scene say the same thing twice.

The percentile bootstrap of Efron and Tibshirani (1993), over scenes as a whole. Two detectors are compared on the same
draws: what is hard in a scene is hard for both, so their difference is known better than either figure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.matching import Matched

DRAWS = 1000
SEED = 0
RECALLS = np.linspace(0, 1, 101)

Interval = tuple[float, float]
Weights = NDArray[np.int64]


def draws(scenes: Sequence[str]) -> Weights:
    """How often each picture stands in each draw: (DRAWS, pictures). scenes: that of each picture."""
    names, index = np.unique(np.asarray(scenes), return_inverse=True)
    random = np.random.default_rng(SEED)
    times = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    return np.asarray(times[:, index], np.int64)


def ap50(matched: Matched, weights: NDArray[np.int64] | None = None) -> float | None:
    """Average precision by COCO's 101 recalls; weights: how often each picture counts, once unless told.

    None where no labelled box is counted.
    """
    times = np.ones(len(matched.truths), np.int64) if weights is None else weights
    total = int((times * matched.truths).sum())
    if total == 0:
        return None
    counted = times[matched.picture]
    hits = np.cumsum(counted * matched.right)
    seen = np.cumsum(counted)
    recall, precision = hits / total, hits / np.maximum(seen, 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS, side="left")
    return float(np.append(envelope, 0.0)[at].mean())


def ap50_interval(matched: Matched, weights: Weights) -> Interval | None:
    """None where there is nothing to measure."""
    return _interval([ap50(matched, draw) for draw in weights])


def ap50_difference(before: Matched, after: Matched, weights: Weights) -> Interval | None:
    """Of `after` minus `before`, both on the same pictures in the same order."""
    pairs = ((ap50(before, draw), ap50(after, draw)) for draw in weights)
    return _interval([None if old is None or new is None else new - old for old, new in pairs])


def share_difference(before: NDArray[np.bool_], after: NDArray[np.bool_], weights: Weights) -> Interval:
    """Of the share after minus the share before, on the same pictures."""
    shares = (weights @ (after.astype(np.int64) - before.astype(np.int64))) / np.maximum(weights.sum(axis=1), 1)
    return float(np.quantile(shares, 0.025)), float(np.quantile(shares, 0.975))


def _interval(values: Sequence[float | None]) -> Interval | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return float(np.quantile(known, 0.025)), float(np.quantile(known, 0.975))
