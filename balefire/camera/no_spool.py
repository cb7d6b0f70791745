"""In place of a spool that cannot be opened: the live picture goes on, and what an outage holds back is lost and counted."""

from __future__ import annotations

from balefire.camera.frame import Frame


class NoSpool:
    """Nothing waits in it. `trouble`: why there is none."""

    def __init__(self, trouble: OSError) -> None:
        self._trouble = trouble

    def __len__(self) -> int:
        return 0

    def put(self, frame: Frame) -> int:
        """Raises OSError: the trouble that it had from the start."""
        raise OSError(self._trouble.errno, self._trouble.strerror)

    def oldest(self) -> Frame | None:
        return None

    def oldest_id(self) -> str:
        raise LookupError("nothing waits here")

    def done(self, frame_id: str) -> None:
        return

    def close(self) -> None:
        return
