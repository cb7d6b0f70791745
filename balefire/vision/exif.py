"""The first directory of a TIFF structure: TIFF pictures are one, and EXIF blocks hold one."""

from __future__ import annotations

import struct
from collections import Counter

BYTE, SHORT, LONG = 1, 3, 4
SIZES = {BYTE: 1, SHORT: 2, LONG: 4}
CODES = {BYTE: "B", SHORT: "H", LONG: "I"}
MOST_ENTRIES = 512  # real directories have under 100
MOST_VALUES = 16

IMAGE_WIDTH, IMAGE_LENGTH, BITS_PER_SAMPLE, ORIENTATION, TILE_WIDTH, TILE_LENGTH = 256, 257, 258, 274, 322, 323
WANTED = {IMAGE_WIDTH, IMAGE_LENGTH, BITS_PER_SAMPLE, ORIENTATION, TILE_WIDTH, TILE_LENGTH}


def first_directory(data: bytes) -> dict[int, tuple[int, ...]]:
    """The wanted whole-number tags of `data`, which starts with `II*\\0` or `MM\\0*`.

    What is damaged is left out, and so is what stands twice: decoders differ in which of the two they believe.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        return {}
    (offset,) = struct.unpack_from(order + "I", data, 4)
    if offset + 2 > len(data):
        return {}
    (count,) = struct.unpack_from(order + "H", data, offset)
    entries = range(offset + 2, offset + 2 + 12 * min(count, MOST_ENTRIES), 12)
    tags = [_entry(data, order, at) for at in entries if at + 12 <= len(data)]
    times = Counter(tag for tag, _ in tags)
    return {tag: values for tag, values in tags if values and times[tag] == 1}


def _entry(data: bytes, order: str, at: int) -> tuple[int, tuple[int, ...]]:
    tag, kind, count = struct.unpack_from(order + "HHI", data, at)
    if tag not in WANTED or kind not in SIZES or not 1 <= count <= MOST_VALUES:
        return tag, ()
    size = SIZES[kind] * count
    start = at + 8
    if size > 4:  # the value does not fit into the entry, which holds its place instead
        (start,) = struct.unpack_from(order + "I", data, start)
    if start + size > len(data):
        return tag, ()
    return tag, struct.unpack_from(f"{order}{count}{CODES[kind]}", data, start)


def orientation(block: bytes) -> int:
    """1–8 as EXIF counts them; 1 (upright) where the block says nothing usable."""
    block = block.removeprefix(b"Exif\0\0")
    value = first_directory(block).get(ORIENTATION, (1,))[0]
    return value if 1 <= value <= 8 else 1
