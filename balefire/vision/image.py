"""Pictures as bytes and as pixels. Pixels are (height, width, 3) uint8, RGB, upright."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from balefire.domain.bundle import ThermalRange
from balefire.domain.errors import BrokenImage
from balefire.domain.geometry import Polygon
from balefire.vision.headers import MAX_PIXELS, Format, Header, read_header, sniff
from balefire.vision.thermal import to_grey

__all__ = ["MAX_PIXELS", "Format", "Header", "Rgb", "blacken", "blacken_deep", "decode", "read_header", "sniff", "to_jpeg"]

Rgb = NDArray[np.uint8]


def decode(
    data: bytes,
    header: Header,
    *,
    at_least: tuple[int, int] | None = None,
    thermal: ThermalRange | None = None,
) -> Rgb:
    """Decode the first picture of `data`, rotated upright. Raises BrokenImage where pixels are missing.

    header: of the same bytes, by `read_header`, which has refused what is too large.
    at_least: (width, height) in pixels, upright. A JPEG is decoded at the smallest of its scales 1, 1/2, 1/4 and 1/8 that
    is not below it; other formats come whole. The scales between them exist too, but take longer than the next larger one:
    libjpeg-turbo has no vector code for them.
    thermal: how one-channel 16-bit pictures map to black and white; None: by the picture's 1st and 99th percentile.
    """
    if header.format == "jpeg" and header.bit_depth == 8:
        return _upright(_decode_jpeg(data, header, at_least), header.orientation)
    pixels = _to_rgb(_decode_any(data), thermal)
    # cv2 turns TIFF by itself, whatever the flag says.
    pixels = pixels if header.format == "tiff" else _upright(pixels, header.orientation)
    if pixels.shape[:2] != (header.height, header.width):
        raise BrokenImage(f"the header says {header.width}x{header.height}, the pixels are another size")
    return pixels


def _decode_jpeg(data: bytes, header: Header, at_least: tuple[int, int] | None) -> Rgb:
    width, height = _scaled(header, at_least) if at_least else (0, 0)
    try:
        pixels: Rgb = simplejpeg.decode_jpeg(data, min_width=width, min_height=height)
    except ValueError as error:
        # Cameras that pad their frames draw this warning; as long as the end is there, nothing is missing.
        if "extraneous bytes" in str(error) and data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda"):
            return _to_rgb(_decode_any(data), None)
        raise BrokenImage(f"the JPEG cannot be decoded: {error}") from error
    return pixels


def _scaled(header: Header, at_least: tuple[int, int]) -> tuple[int, int]:
    """The size, as stored, of the smallest fast scale that is not below `at_least`; all of it where none is."""
    for parts in (8, 4, 2):
        width, height = -(-header.width // parts), -(-header.height // parts)
        if width >= at_least[0] and height >= at_least[1]:
            return (height, width) if header.orientation >= 5 else (width, height)
    return 0, 0


def _decode_any(data: bytes) -> NDArray[np.generic]:
    """As stored: 1, 3 (BGR) or 4 channels, 8 or 16 bits, or floating point."""
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise BrokenImage(f"the picture cannot be decoded: {error.err}") from error
    if pixels is None:
        raise BrokenImage("the picture cannot be decoded: it is cut off or damaged")
    return pixels


def _to_rgb(pixels: NDArray[np.generic], thermal: ThermalRange | None) -> Rgb:
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        grey = pixels.reshape(pixels.shape[:2])
        eight = grey if grey.dtype == np.uint8 else to_grey(grey, thermal)
        return _as_rgb(cv2.cvtColor(np.asarray(eight, np.uint8), cv2.COLOR_GRAY2RGB))
    if pixels.dtype == np.uint16:  # a picture in colour, not a temperature
        pixels = np.right_shift(np.asarray(pixels, np.uint16), 8).astype(np.uint8)
    if pixels.dtype != np.uint8 or pixels.shape[2] not in (3, 4):
        raise BrokenImage(f"a picture of {pixels.shape[2]} channels of {pixels.dtype} is not read")
    code = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGB
    return _as_rgb(cv2.cvtColor(np.asarray(pixels, np.uint8), code))


def _upright(pixels: Rgb, orientation: int) -> Rgb:
    """Undo what EXIF says of how the camera was held. Table 5 of CIPA DC-008, tag 0x0112."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def to_jpeg(rgb: Rgb, quality: int = 90) -> bytes:
    """`quality` 1–100."""
    encoded: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), quality=quality, colorsubsampling="420")
    return encoded


def blacken(rgb: Rgb, polygons: Sequence[Polygon]) -> Rgb:
    """A copy in which every pixel that a polygon touches is black: privacy masks, before anything is stored.

    polygons: corners in shares of the picture, 0–1.
    """
    if not polygons:
        return rgb
    masked = rgb.copy()
    height, width = rgb.shape[:2]
    for polygon in polygons:
        corners = np.rint(np.array(polygon, np.float64) * (width, height)).astype(np.int32)
        cv2.fillPoly(masked, [corners], (0, 0, 0))
        cv2.polylines(masked, [corners], isClosed=True, color=(0, 0, 0), thickness=3)  # rounding must not uncover
    return masked


def blacken_deep(data: bytes, polygons: Sequence[Polygon]) -> bytes:
    """A picture of 16 bits a channel with the polygons set to 0, as TIFF: its range stays. Raises BrokenImage."""
    pixels: NDArray[Any] = _decode_any(data)
    height, width = pixels.shape[:2]
    for polygon in polygons:
        corners = np.round(np.array(polygon) * (width, height)).astype(np.int32)
        cv2.fillPoly(pixels, [corners], (0, 0, 0))
        cv2.polylines(pixels, [corners], isClosed=True, color=(0, 0, 0), thickness=3)
    return cv2.imencode(".tiff", pixels)[1].tobytes()


def _as_rgb(pixels: NDArray[np.generic]) -> Rgb:
    return np.asarray(pixels, np.uint8)
