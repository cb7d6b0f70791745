"""Pictures as cameras send them, good and bad."""

from __future__ import annotations

import io
import struct
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene


@lru_cache(maxsize=4)
def _street() -> object:
    return scene("street", seed=1, starts_s=0.0)


@lru_cache(maxsize=64)
def fire(second: int = 30) -> bytes:
    """A rendered fire, `second` seconds after it started: 1280 × 720 JPEG."""
    street = _street()
    return to_jpeg(street.frame(float(second)))  # type: ignore[attr-defined]


def noise(seed: int = 0, width: int = 320, height: int = 240) -> bytes:
    """Grey noise, different for each seed: nothing to see."""
    pixels = np.random.default_rng(seed).integers(90, 110, (height, width, 3), np.uint8)
    return to_jpeg(pixels)


def huge_header() -> bytes:
    """A JPEG that says 65,535 × 65,535 and has no pixels."""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 65535, 65535, 3) + b"\x01\x11\x00\x02\x11\x00\x03\x11\x00"
    return b"\xff\xd8" + frame + b"\xff\xd9"


def png_16_bit() -> bytes:
    ramp = np.linspace(0, 65535, 320 * 240).reshape(240, 320).astype(np.uint16)
    return bytes(cv2.imencode(".png", ramp)[1])


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def cmyk() -> bytes:
    return _saved(Image.new("CMYK", (320, 240), (0, 128, 128, 0)), "JPEG")


def animated() -> bytes:
    pages = [Image.new("RGB", (320, 240), colour) for colour in ("red", "green")]
    return _saved(pages[0], "WEBP", save_all=True, append_images=pages[1:], duration=100)


def rotated(orientation: int = 6) -> bytes:
    """320 × 240 as stored; upright it is 240 × 320."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return _saved(Image.new("RGB", (320, 240), "grey"), "JPEG", exif=exif)
