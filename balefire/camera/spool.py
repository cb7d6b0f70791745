"""Frames that wait on disk while the server is away: a folder within a quota, oldest out first."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from balefire.camera.frame import Frame, pack, unpack
from balefire.domain.errors import Conflict

ENDING = ".frame"
PARTIAL = ".partial"


def spool_folder(camera: str, server: str) -> Path:
    """In the user's cache folder, one for each camera and server."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return cache / "balefire" / "spool" / f"{camera}-{hashlib.sha256(server.encode()).hexdigest()[:8]}"


class Spool:
    """What `put` has taken survives a kill. One process at a time. Raises Conflict where another one uses the folder."""

    def __init__(self, folder: Path, quota_bytes: int) -> None:
        self._folder, self._quota_bytes = folder, quota_bytes
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # pictures are private
        self._lock = _locked(folder)
        for partial in folder.glob(f"*{PARTIAL}"):
            partial.unlink()
        # Names are ULIDs: their order is the order of capture.
        self._sizes = {path.stem: path.stat().st_size for path in sorted(folder.glob(f"*{ENDING}"))}

    def __len__(self) -> int:
        return len(self._sizes)

    @property
    def bytes_used(self) -> int:
        return sum(self._sizes.values())

    def put(self, frame: Frame) -> int:
        """Answers how many frames were dropped to stay within the quota; a full disk counts like a full quota."""
        header = {"id": frame.id, "captured_at": frame.captured_at.isoformat(), "media_type": frame.media_type}
        data = pack(header, frame.picture)
        if len(data) > self._quota_bytes:
            return 1
        dropped = 0
        while self.bytes_used + len(data) > self._quota_bytes:
            dropped += self._drop_oldest()
        while not self._write(frame.id, data):
            if not self._sizes:
                return dropped + 1
            dropped += self._drop_oldest()
        late = bool(self._sizes) and frame.id < next(reversed(self._sizes))
        self._sizes[frame.id] = len(data)
        if late:
            self._sizes = dict(sorted(self._sizes.items()))
        return dropped

    def oldest(self) -> Frame | None:
        """The frame that is sent next; it stays until `done`. Raises ValueError where its file is damaged or gone."""
        if not self._sizes:
            return None
        path = self._path(self.oldest_id())
        try:
            header, picture = unpack(path.read_bytes())
            return Frame(header["id"], datetime.fromisoformat(header["captured_at"]), header["media_type"], picture)
        except (OSError, KeyError) as error:
            raise ValueError(f"{path.name} is damaged or gone") from error

    def oldest_id(self) -> str:
        return next(iter(self._sizes))

    def done(self, frame_id: str) -> None:
        """Forget one frame: it was acknowledged, or cannot be used. Where a disk keeps it, a restart sends it again."""
        with suppress(OSError):
            self._path(frame_id).unlink(missing_ok=True)
        self._sizes.pop(frame_id, None)

    def close(self) -> None:
        self._lock.close()

    def _drop_oldest(self) -> int:
        self.done(self.oldest_id())
        return 1

    def _write(self, frame_id: str, data: bytes) -> bool:
        """Whether there was room on the disk."""
        partial = self._path(frame_id).with_suffix(PARTIAL)
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path(frame_id))
        except OSError as error:
            partial.unlink(missing_ok=True)
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            return False
        return True

    def _path(self, frame_id: str) -> Path:
        return self._folder / f"{frame_id}{ENDING}"


def _locked(folder: Path) -> IO[bytes]:
    lock = (folder / "lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise Conflict(f"another balefire watch sends for this camera from this machine (its spool is {folder})") from error
    return lock
