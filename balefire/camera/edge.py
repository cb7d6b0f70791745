"""`--edge`: the detector looks at the camera's side, and only pictures that saw something are posted, with a heartbeat.

The server looks again at what it gets and decides; the edge only saves the way there, so it asks for little: any box of
a hazard above a low confidence counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from balefire.camera.frame import Frame, Pumped, Take
from balefire.camera.status import Status
from balefire.domain.errors import BalefireError
from balefire.vision.bundles import champion_folders
from balefire.vision.detector import Detector, load_detector
from balefire.vision.headers import read_header
from balefire.vision.image import decode

LEAST_CONFIDENCE = 0.1  # far below any threshold: the server's rules need the weak sightings between the strong ones
LINGER_S = 20.0  # after a sighting all pictures are posted: empty ones keep an event's time line whole

Looks = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class EdgeEyes:
    """The champions of a models folder. One picture at a time: the cameras share the processor."""

    detectors: Mapping[str, Detector]

    @classmethod
    def load(cls, models: Path, names: Sequence[str]) -> EdgeEyes:
        """Raises BadSetting for a name that the catalogue does not know, BundleMismatch."""
        return cls({name: load_detector(folder) for name, folder in champion_folders(models, names).items()})

    def of(self, names: Sequence[str]) -> Looks:
        """Whether one of these detectors sees anything. Raises NotAnImage, BadInput where the picture cannot be decoded."""
        return lambda picture: any(_sees(self.detectors[name], picture) for name in names)


def _sees(detector: Detector, picture: bytes) -> bool:
    header = read_header(picture)
    at_least = detector.needs(header.width, header.height)
    rgb = decode(picture, header, at_least=at_least, thermal=detector.bundle.thermal)
    return any(seen.hazard is not None for seen in detector.score(rgb, LEAST_CONFIDENCE))


@dataclass(frozen=True, slots=True)
class AtTheEdge:
    """A source whose empty pictures stay here, except for a heartbeat."""

    inner: Pumped
    looks: Looks
    status: Status
    heartbeat_s: float
    turn: asyncio.Semaphore

    async def pump(self, take: Take) -> None:
        posted_s = open_until_s = float("-inf")

        async def look(frame: Frame) -> bool:
            nonlocal posted_s, open_until_s
            if await self._sees(frame):
                open_until_s = time.monotonic() + LINGER_S
            now_s = time.monotonic()
            if now_s < open_until_s or now_s - posted_s >= self.heartbeat_s:
                posted_s = now_s
                return await take(frame)
            self.status.counts.kept_here += 1
            return True

        await self.inner.pump(look)

    async def _sees(self, frame: Frame) -> bool:
        """When unsure, the server is asked: a picture that cannot be looked at here is posted."""
        try:
            async with self.turn:
                return await asyncio.to_thread(self.looks, frame.picture)
        except BalefireError:
            return True
