"""A stream of JPEG pictures in one HTTP answer (multipart/x-mixed-replace), as many network cameras send it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import Message

from balefire.domain.errors import SourceLost

MOST_HEAD = 8 << 10
SOI, EOI = b"\xff\xd8\xff", b"\xff\xd9"


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names, without leading dashes. Raises SourceLost where it names none."""
    message = Message()
    message["Content-Type"] = content_type
    found = message.get_param("boundary")
    if not isinstance(found, str) or not found.strip("-"):
        raise SourceLost("the camera's stream names no boundary between its pictures")
    return found.lstrip("-").encode("latin-1", "replace")


async def pictures(parts: AsyncIterator[bytes], boundary: bytes, most_bytes: int) -> AsyncIterator[bytes]:
    """JPEG pictures of a stream, in order. What lies between two boundaries and is no whole JPEG is passed over.

    parts: the body as it comes. Raises SourceLost for a part that is larger than `most_bytes`.
    """
    mark, held = b"--" + boundary, bytearray()
    async for part in parts:
        held += part
        while (end := held.find(mark, len(mark))) >= 0:
            picture = _picture(bytes(held[:end]))
            del held[:end]
            if picture is not None:
                yield picture
        whole = _announced(held)
        if whole is not None:  # its length was announced: no need to wait for the next boundary
            picture = _picture(bytes(held[:whole]))
            del held[:whole]
            if picture is not None:
                yield picture
        if len(held) > most_bytes:
            raise SourceLost(f"a picture of the stream is larger than {most_bytes >> 20} MB")


def _announced(held: bytearray) -> int | None:
    """Where the part at the beginning of `held` ends, if it says so and is all there."""
    head_end = held.find(b"\r\n\r\n", 0, MOST_HEAD)
    if head_end < 0:
        return None
    for line in bytes(held[:head_end]).split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            end = head_end + 4 + int(value)
            return end if len(held) >= end else None
    return None


def _picture(part: bytes) -> bytes | None:
    start, end = part.find(SOI), part.rfind(EOI)
    return part[start : end + len(EOI)] if 0 <= start < end else None
