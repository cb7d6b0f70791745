"""A small copy of a stored picture, for a wall of many."""

from __future__ import annotations

import cv2
import numpy as np

from balefire.vision.image import decode, read_header, to_jpeg

QUALITY = 75


def thumbnail(jpeg: bytes, width: int) -> bytes:
    """jpeg: as it is stored. width: of the copy in pixels; its height follows. Never larger than the picture."""
    header = read_header(jpeg)
    if header.width <= width:
        return jpeg
    height = max(round(header.height * width / header.width), 1)
    pixels = decode(jpeg, header, at_least=(width, height))
    return to_jpeg(np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8), QUALITY)
