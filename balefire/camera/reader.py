"""The reading process: `python -m balefire.camera.reader`, an order on stdin, frames on stdout.

One per stream, so that a read which hangs in C can be killed. It ends when its parent does: stdin closes then.
Messages (balefire.camera.frame.pack): {"kind": "alive"}, {"kind": "frame", "captured_at", …} with the picture,
and at last {"kind": "end"} or {"kind": "lost", "detail", "fatal"}.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any, BinaryIO, Protocol

import av

from balefire.camera.footage import ReadOrder, Shot, shots
from balefire.camera.frame import pack
from balefire.camera.redact import scrub, secrets_of
from balefire.camera.sieve import Sieve
from balefire.camera.source import SourceKind
from balefire.domain.errors import BalefireError
from balefire.vision.image import to_jpeg

ALIVE = pack({"kind": "alive"})


class Outlet(Protocol):
    def frame(self, message: bytes) -> None: ...

    def alive(self) -> None: ...

    def finish(self, message: bytes) -> None:
        """The last message. Returns when it is written."""


class Every:
    """Writes each message and waits until it is taken: a file is read as fast as the server answers."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def frame(self, message: bytes) -> None:
        self._pipe.write(message)
        self._pipe.flush()

    def alive(self) -> None:
        self.frame(ALIVE)

    finish = frame


class Newest:
    """Writes from a thread of its own; a frame that waits gives way to a newer one, so that reading never waits."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = Every(pipe)
        self._waiting: bytes | None = None
        self._last: bytes | None = None
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def frame(self, message: bytes) -> None:
        with self._news:
            self._waiting = message
            self._news.notify()

    def alive(self) -> None:
        with self._news:
            if self._waiting is None:  # a frame is a sign of life, too
                self._waiting = ALIVE
                self._news.notify()

    def finish(self, message: bytes) -> None:
        with self._news:
            self._last = message
            self._news.notify()
        self._thread.join()

    def _write(self) -> None:
        try:
            while (message := self._next()) is not self._last:
                self._pipe.frame(message)
            self._pipe.finish(message)
        except BrokenPipeError:
            os._exit(0)

    def _next(self) -> bytes:
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._last)
            message, self._waiting = self._waiting or self._last or ALIVE, None
            return message


def main() -> None:
    """Read one order and carry it out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair
    # Whatever else prints, the pipe carries messages only.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    order = ReadOrder.read(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    file_at_once = order.kind == SourceKind.VIDEO and not order.realtime
    outlet = Every(pipe) if file_at_once else Newest(pipe)
    try:
        outlet.finish(pack(_carry_out(order, outlet)))
    except BrokenPipeError:
        os._exit(0)


def _carry_out(order: ReadOrder, outlet: Outlet) -> dict[str, Any]:
    """Send every shot. Answers the last message's header."""
    try:
        _send_all(order, outlet)
    except (BalefireError, av.FFmpegError, OSError, ValueError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        # str() of an FFmpeg error holds the address.
        detail = (error.strerror or "") if isinstance(error, av.FFmpegError) else str(error)
        return {"kind": "lost", "detail": scrub(detail, secrets_of(order.address)), "fatal": _fatal(order, error)}
    return {"kind": "end"}


def _send_all(order: ReadOrder, outlet: Outlet) -> None:
    sign_at, sieve = 0.0, Sieve(order.privacy_masks, order.gate)
    for shot in shots(order):
        kept = sieve.pixels(shot.rgb) if shot is not None else None
        if shot is not None and kept is not None:
            outlet.frame(_message(Shot(shot.captured_at, kept), order.jpeg_quality))
        elif time.monotonic() >= sign_at:
            outlet.alive()
            sign_at = time.monotonic() + order.alive_every_s


def _message(shot: Shot, quality: int) -> bytes:
    return pack({"kind": "frame", "captured_at": shot.captured_at.isoformat()}, to_jpeg(shot.rgb, quality))


def _fatal(order: ReadOrder, error: Exception) -> bool:
    """A stream may come back, whatever rubbish it sends now; a file that cannot be read stays so.

    PyAV's InvalidDataError is a ValueError, too.
    """
    return order.kind != SourceKind.STREAM or (isinstance(error, ValueError) and not isinstance(error, av.FFmpegError))


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
