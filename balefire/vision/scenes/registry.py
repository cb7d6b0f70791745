"""Scenes by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Protocol

from balefire.domain.errors import BadInput
from balefire.domain.geometry import Box
from balefire.vision.scenes.finish import Picture
from balefire.vision.scenes.hillside import hillside
from balefire.vision.scenes.street import night_street


class Scene(Protocol):
    """Rendered footage: a pure function of its seed and the time."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""

    @property
    def starts_s(self) -> float:
        """When the fire starts, in seconds of the footage."""

    def frame(self, t_s: float) -> Picture:
        """(h, w, 3) RGB."""

    def truth(self, t_s: float) -> list[tuple[str, Box]]:
        """Hazard ("flame" or "smoke") and the box of what can be seen of it; empty before the start."""


SCENES: dict[str, Callable[[int, tuple[int, int], float, bool], Scene]] = {
    "hillside": hillside,
    "street": night_street,
}


def scene(name: str, seed: int = 0, size: tuple[int, int] = (1280, 720), starts_s: float = 20.0, marked: bool = True) -> Scene:
    """The scene called `name`. Building it takes a few seconds, a frame some tens of ms. Raises BadInput."""
    if name not in SCENES:
        near = difflib.get_close_matches(name, SCENES, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(SCENES)}"
        raise BadInput(f"no scene {name}{hint}")
    return SCENES[name](seed, size, starts_s, marked)
