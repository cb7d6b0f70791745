"""What a picture's header says, read before any pixel is decoded: a small file may claim four billion pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from balefire.domain.errors import BrokenImage, ImageTooLarge, NotAnImage
from balefire.vision import exif

MAX_PIXELS = 50_000_000
MAX_SCANS = 200  # a progressive JPEG has about ten; each costs a pass over all pixels

Format = Literal["jpeg", "png", "webp", "tiff"]


@dataclass(frozen=True, slots=True)
class Header:
    """Width and height in pixels after rotation. `orientation` 1–8 as in EXIF; `bit_depth` of one channel."""

    format: Format
    width: int
    height: int
    orientation: int
    bit_depth: int


@dataclass(frozen=True, slots=True)
class _Stored:
    """Width and height as stored, before rotation. `allocated`: pixels that decoding takes room for."""

    width: int
    height: int
    orientation: int = 1
    bit_depth: int = 8
    allocated: int = 0


def sniff(data: bytes) -> Format:
    """The format by its first bytes; a declared type is never believed. Raises NotAnImage."""
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:4] in (b"II*\0", b"MM\0*"):
        return "tiff"
    raise NotAnImage("not a JPEG, PNG, WebP or TIFF picture" if data else "the picture is empty: no bytes came")


def read_header(data: bytes, max_pixels: int = MAX_PIXELS) -> Header:
    """Raises NotAnImage, BrokenImage where the header is damaged, ImageTooLarge above `max_pixels`."""
    kind = sniff(data)
    try:
        stored = READERS[kind](data)
    except (struct.error, IndexError) as error:
        raise BrokenImage(f"the {kind} header is cut off") from error
    if stored.width < 1 or stored.height < 1:
        raise BrokenImage(f"a picture of {stored.width}x{stored.height} pixels")
    if max(stored.width * stored.height, stored.allocated) > max_pixels:
        raise ImageTooLarge(f"{stored.width}x{stored.height} pixels; at most {max_pixels} are read")
    turned = stored.orientation >= 5
    width, height = (stored.height, stored.width) if turned else (stored.width, stored.height)
    return Header(kind, width, height, stored.orientation, stored.bit_depth)


def _jpeg(data: bytes) -> _Stored:
    turn = 1
    segments = _jpeg_segments(data)
    for marker, start, end in segments:
        if marker == 0xE1 and turn == 1 and data[start : start + 6] == b"Exif\0\0":
            turn = exif.orientation(data[start:end])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # start of frame; the three are tables
            depth, height, width = struct.unpack_from(">BHH", data, start)
            one_scan = marker in (0xC0, 0xC1) and _first_scan_holds(data[start + 5], data, segments)
            if not one_scan and _scans(data) > MAX_SCANS:
                raise BrokenImage(f"a JPEG of more than {MAX_SCANS} scans")
            return _Stored(width, height, turn, depth)
    raise BrokenImage("the JPEG has no start of frame")


def _first_scan_holds(components: int, data: bytes, rest: Iterator[tuple[int, int, int]]) -> bool:
    """Whether the first of the `rest` that is a scan holds all: of such a sequential frame a decoder reads that one alone."""
    try:
        return any(data[start] == components for marker, start, _ in rest if marker == 0xDA)
    except (BrokenImage, struct.error, IndexError):  # decoders pass over rubbish between segments; then all are counted
        return False


def _scans(data: bytes) -> int:
    """At least as many as there are; five times as fast as counting the two bytes at once."""
    stored = np.frombuffer(data, np.uint8)
    return int(np.count_nonzero(stored[np.flatnonzero(stored[:-1] == 0xFF) + 1] == 0xDA))


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment's content, up to the first scan's."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise BrokenImage("the JPEG header is damaged")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == 0xD9:
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:  # markers without content
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield marker, at + 4, at + 2 + length
        if marker == 0xDA:
            return
        at += 2 + max(length, 2)


def _png(data: bytes) -> _Stored:
    if data[12:16] != b"IHDR":
        raise BrokenImage("the PNG does not start with IHDR")
    width, height, depth = struct.unpack_from(">IIB", data, 16)
    turn = 1
    for name, start, end in _png_chunks(data):
        if name == b"eXIf":
            turn = exif.orientation(data[start:end])
    return _Stored(width, height, turn, depth)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each chunk's content. Decoders make room for whatever length a chunk claims."""
    name, at = b"", 8
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            raise BrokenImage("the PNG ends early")
        yield name, at + 8, at + 8 + length
        at += 12 + length


def _webp(data: bytes) -> _Stored:
    name = data[12:16]
    if name == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        data[29]  # the last byte of the size has to be there
        return _Stored(width, height, _webp_orientation(data))
    if name == b"VP8L":
        signature, bits = struct.unpack_from("<BI", data, 20)
        if signature != 0x2F:
            raise BrokenImage("the WebP header is damaged")
        return _Stored(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if name == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return _Stored(width & 0x3FFF, height & 0x3FFF)
    raise BrokenImage("the WebP header is damaged")


def _webp_orientation(data: bytes) -> int:
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"EXIF":
            return exif.orientation(data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return 1


def _tiff(data: bytes) -> _Stored:
    tags = exif.first_directory(data)
    if exif.IMAGE_WIDTH not in tags or exif.IMAGE_LENGTH not in tags:
        raise BrokenImage("the TIFF does not say how large it is")
    (width, *_), (height, *_) = tags[exif.IMAGE_WIDTH], tags[exif.IMAGE_LENGTH]
    tile = tags.get(exif.TILE_WIDTH, (0,))[0] * tags.get(exif.TILE_LENGTH, (0,))[0]
    return _Stored(width, height, exif.orientation(data), tags.get(exif.BITS_PER_SAMPLE, (1,))[0], tile)


READERS: dict[Format, Callable[[bytes], _Stored]] = {"jpeg": _jpeg, "png": _png, "webp": _webp, "tiff": _tiff}
