"""What a detector saw, made by hand."""

from __future__ import annotations

from balefire.domain.detection import Detection, Hazard
from balefire.domain.geometry import Box
from training.looking import Looked, Truth

Corners = tuple[float, float, float, float]
HERE: Corners = (0.1, 0.1, 0.5, 0.5)
THERE: Corners = (0.6, 0.6, 0.9, 0.9)


def looked(truths: dict[Corners, str] | None = None, found: list[tuple[str, float, Corners]] | None = None) -> Looked:
    """truths: box → class; found: (class, score, box). The picture is 200 × 100 pixels."""
    labelled = tuple(Truth(name, Box(*corners)) for corners, name in (truths or {}).items())
    seen = tuple(Detection(name, Hazard.FLAME, score, Box(*corners), "x@0") for name, score, corners in found or [])
    return Looked("x.jpg", 200, 100, labelled, seen)
