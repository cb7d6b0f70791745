"""What becomes of a picture before it leaves the camera's side: privacy masks, and the motion gate."""

from __future__ import annotations

import time

from balefire.camera.motion import GateSettings, MotionGate
from balefire.domain.geometry import Polygon
from balefire.vision.headers import Header, read_header
from balefire.vision.image import Rgb, blacken, blacken_deep, decode, to_jpeg


class Sieve:
    """One camera's masks and gate. Masks come first: what moves behind a mask opens no gate."""

    def __init__(self, masks: tuple[Polygon, ...] = (), gate: GateSettings | None = None, jpeg_quality: int = 90) -> None:
        self._masks, self._quality = masks, jpeg_quality
        self._gate = MotionGate(gate) if gate else None

    @property
    def does_nothing(self) -> bool:
        return not self._masks and self._gate is None

    def pixels(self, rgb: Rgb) -> Rgb | None:
        """The masked picture; None where the gate is shut."""
        masked = blacken(rgb, self._masks) if self._masks else rgb
        return masked if self._gate is None or self._gate.passes(masked, time.monotonic()) else None

    def encoded(self, picture: bytes, media_type: str) -> tuple[bytes, str] | None:
        """The same for an encoded picture, which stays the bytes it is where no mask covers a part of it; one of 16 bits
        keeps them under a mask too. Raises NotAnImage, BadInput where it cannot be decoded."""
        if self.does_nothing:
            return picture, media_type
        header = read_header(picture)
        kept = self.pixels(decode(picture, header))
        if kept is None:
            return None
        return self._covered(picture, media_type, header, kept)

    def _covered(self, picture: bytes, media_type: str, header: Header, kept: Rgb) -> tuple[bytes, str]:
        if not self._masks:
            return picture, media_type
        if header.bit_depth > 8:
            return blacken_deep(picture, self._masks), "image/tiff"
        return to_jpeg(kept, self._quality), "image/jpeg"
