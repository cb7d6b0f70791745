"""Pictures as bytes, built by hand where no library writes them: rotated, animated, cut off, lying headers."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
WIDTH, HEIGHT = 48, 32
NO_LIES: Mapping[int, int | tuple[int, int]] = {}


def quadrants(width: int = WIDTH, height: int = HEIGHT) -> Rgb:
    """Red, green, blue and white quarters: any turn or mirror shows."""
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[: height // 2, : width // 2] = (230, 20, 20)
    rgb[: height // 2, width // 2 :] = (20, 200, 20)
    rgb[height // 2 :, : width // 2] = (20, 20, 230)
    rgb[height // 2 :, width // 2 :] = (240, 240, 240)
    return rgb


def encoded(rgb: NDArray[np.generic], suffix: str, *chosen: int) -> bytes:
    """`rgb` in RGB order (or grey, or RGBA), lossless but for JPEG. `chosen`: options of cv2.imencode."""
    stored: Any = rgb
    if rgb.ndim == 3:
        stored = cv2.cvtColor(np.asarray(rgb), cv2.COLOR_RGB2BGR if rgb.shape[2] == 3 else cv2.COLOR_RGBA2BGRA)
    options = [cv2.IMWRITE_WEBP_QUALITY, 101] if suffix == ".webp" else list(chosen)
    done, data = cv2.imencode(suffix, stored, options)
    assert done
    return bytes(data)


def jpeg(rgb: Rgb | None = None) -> bytes:
    return bytes(simplejpeg.encode_jpeg(quadrants() if rgb is None else rgb, quality=95, colorsubsampling="444"))


def scanned_again(data: bytes, times: int, rubbish: bytes = b"") -> bytes:
    """A JPEG whose last scan stands there so often; `rubbish` before its first, which decoders pass over."""
    first, last = data.index(b"\xff\xda"), data.rindex(b"\xff\xda")
    return data[:first] + rubbish + data[first:last] + data[last:-2] * times + data[-2:]


def exif(orientation: int) -> bytes:
    """A TIFF block of one tag: 274, SHORT."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)


def jpeg_with_exif(orientation: int, rgb: Rgb | None = None) -> bytes:
    data, content = jpeg(rgb), b"Exif\0\0" + exif(orientation)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + data[2:]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with_exif(orientation: int) -> bytes:
    data = encoded(quadrants(), ".png")
    return data[:33] + chunk(b"eXIf", exif(orientation)) + data[33:]  # after the signature and IHDR


def webp_with_exif(orientation: int) -> bytes:
    picture, block = encoded(quadrants(), ".webp")[12:], exif(orientation)
    size = struct.pack("<I", WIDTH - 1)[:3] + struct.pack("<I", HEIGHT - 1)[:3]
    content = riff_chunk(b"VP8X", b"\x08\0\0\0" + size) + picture + riff_chunk(b"EXIF", block)
    return riff(content)


def riff(content: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(content) + 4) + b"WEBP" + content


def riff_chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def tiff(orientation: int, samples: NDArray[np.generic], lies: Mapping[int, int | tuple[int, int]] = NO_LIES) -> bytes:
    """One uncompressed strip; samples: (h, w) or (h, w, 3), 8 or 16 bits.

    lies: tag → the value it claims, or (other tag, value) that stands in its place.
    """
    height, width, channels = (*samples.shape, 1)[:3]
    bits = samples.dtype.itemsize * 8
    bits_at, pixels_at = 8 + 2 + 12 * 10 + 4, 8 + 2 + 12 * 10 + 4 + 6
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, channels, bits if channels == 1 else bits_at),
        (259, 3, 1, 1),
        (262, 3, 1, 1 if channels == 1 else 2),
        (273, 4, 1, pixels_at),
        (274, 3, 1, orientation),
        (277, 3, 1, channels),
        (278, 4, 1, height),
        (279, 4, 1, samples.nbytes),
    ]
    for place, (tag, kind, count, _) in enumerate(tags):
        lie = lies.get(tag)
        if isinstance(lie, int):
            tags[place] = (tag, kind, count, lie)
        elif lie is not None:
            tags[place] = (lie[0], 4, 1, lie[1])
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return head + struct.pack("<I", 0) + struct.pack("<3H", bits, bits, bits) + samples.astype(samples.dtype).tobytes()


def animated_png() -> bytes:
    """Two frames: the quadrants, then black."""
    first, second = encoded(quadrants(), ".png"), encoded(np.zeros((HEIGHT, WIDTH, 3), np.uint8), ".png")
    control = struct.pack(">IIIIHHBB", WIDTH, HEIGHT, 0, 0, 1, 10, 0, 0)
    later = b"".join(chunk(b"fdAT", struct.pack(">I", 2) + part) for part in _chunks(second, b"IDAT"))
    start = first[:33] + chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", struct.pack(">I", 0) + control)
    end = chunk(b"fcTL", struct.pack(">I", 1) + control) + later + first[-12:]
    return start + b"".join(chunk(b"IDAT", part) for part in _chunks(first, b"IDAT")) + end


def _chunks(data: bytes, wanted: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name == wanted:
            found.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return found


def animated_webp() -> bytes:
    """Two frames: the quadrants, then black."""
    size = struct.pack("<I", WIDTH - 1)[:3] + struct.pack("<I", HEIGHT - 1)[:3]
    frames = (quadrants(), np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    parts = [riff_chunk(b"ANMF", b"\0" * 6 + size + b"\x64\0\0\x02" + encoded(rgb, ".webp")[12:]) for rgb in frames]
    return riff(riff_chunk(b"VP8X", b"\x02\0\0\0" + size) + riff_chunk(b"ANIM", b"\0" * 6) + b"".join(parts))


def lying_jpeg(width: int, height: int) -> bytes:
    """A sound JPEG whose frame header claims another size."""
    data = jpeg()
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def lying_png(width: int, height: int) -> bytes:
    data = encoded(quadrants(), ".png")
    return data[:8] + chunk(b"IHDR", struct.pack(">II", width, height) + data[24:29]) + data[33:]


def lying_webp(width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return riff(riff_chunk(b"VP8X", b"\0\0\0\0" + size) + encoded(quadrants(), ".webp")[12:])
