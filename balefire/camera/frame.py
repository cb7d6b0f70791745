"""One picture on its way to the server, and the bytes it travels as: to a parent process, and to the spool."""

from __future__ import annotations

import json
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from ulid import ULID

HEAD = struct.Struct("!II")  # bytes of the JSON header, bytes of the picture
MOST_HEADER, MOST_BODY = 1 << 16, 1 << 28


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded picture. `id` is a ULID that sorts by capture time; `captured_at` is the camera's clock, aware."""

    id: str
    captured_at: datetime
    media_type: str
    picture: bytes

    @classmethod
    def new(cls, captured_at: datetime, picture: bytes, media_type: str = "image/jpeg") -> Frame:
        return cls(str(ULID.from_datetime(captured_at)), captured_at, media_type, picture)


# Takes one frame and answers whether more are wanted. A source waits for it.
Take: TypeAlias = Callable[[Frame], Awaitable[bool]]


class Pumped(Protocol):
    """A source of frames."""

    async def pump(self, take: Take) -> None:
        """Hand over frames until the source ends or `take` wants no more. Raises BadInput where it cannot be read."""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """Two lengths, a JSON header, and a body that may be empty."""
    text = json.dumps(header).encode()
    return HEAD.pack(len(text), len(body)) + text + body


def lengths(head: bytes) -> tuple[int, int]:
    """Of the header and of the body, in bytes. Raises ValueError where they cannot be meant."""
    header, body = HEAD.unpack(head)
    if header > MOST_HEADER or body > MOST_BODY:
        raise ValueError("not a message: its lengths make no sense")
    return header, body


def unpack(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The reverse of `pack`. Raises ValueError where bytes are missing or left over."""
    if len(data) < HEAD.size:
        raise ValueError("not a message: it ends early")
    header, body = lengths(data[: HEAD.size])
    if len(data) != HEAD.size + header + body:
        raise ValueError("not a message: its lengths do not fit")
    start = HEAD.size + header
    return dict(json.loads(data[HEAD.size : start])), data[start:]
