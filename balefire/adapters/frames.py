"""Pictures by key through obstore: a local folder by default, S3-compatible storage by address."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from balefire.domain.errors import BadInput, StoreFull, UnknownFrame

KEY = re.compile(r"[a-z0-9][A-Za-z0-9._/-]{0,300}")
NO_ROOM = ("No space left", "os error 28", "Disk quota exceeded", "os error 122")


class ObstoreFrames:
    """Implements `ports.FrameStore`. `folder` is None where the store is not on this machine's disk.

    reserve_bytes: free disk that is never used. limit_bytes: pictures in all, 0 for what the disk holds.
    """

    def __init__(self, store: ObjectStore, folder: Path | None, reserve_bytes: int, limit_bytes: int) -> None:
        self._store, self._folder = store, folder
        self._reserve, self._limit = reserve_bytes, limit_bytes
        self._used: int | None = None
        self._lock = Lock()

    def put(self, key: str, data: bytes) -> None:
        self.check_room()
        try:
            obstore.put(self._store, _checked(key), data)
        except (BaseError, OSError) as error:
            if any(sign in str(error) for sign in NO_ROOM):
                raise StoreFull("the disk of the frame store is full") from error
            raise
        with self._lock:
            if self._used is not None:
                self._used += len(data)

    def get(self, key: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, _checked(key)).bytes())
        except FileNotFoundError as error:
            raise UnknownFrame("this picture is not there any more") from error

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            try:
                obstore.delete(self._store, _checked(key))
            except FileNotFoundError:
                continue
        with self._lock:
            self._used = None

    def used_bytes(self) -> int:
        """Counted when asked after pictures went, kept up to date while they only come."""
        with self._lock:
            if self._used is None:
                self._used = sum(meta["size"] for page in obstore.list(self._store) for meta in page)
            return self._used

    def check_room(self) -> None:
        if self._folder is not None and self._reserve and shutil.disk_usage(self._folder).free < self._reserve:
            raise StoreFull(f"less than {self._reserve / 1e6:.0f} MB are free for frames")
        if self._limit and self.used_bytes() >= self._limit:
            raise StoreFull(f"the frames have reached their limit of {self._limit / 1e6:.0f} MB")


def open_frames(address: str, reserve_bytes: int, limit_bytes: int = 0) -> ObstoreFrames:
    """`address`: a folder, or `s3://bucket/prefix` with the credentials in the usual environment variables."""
    if "://" in address:
        return ObstoreFrames(from_url(address), None, reserve_bytes, limit_bytes)
    folder = Path(address)
    folder.mkdir(parents=True, exist_ok=True)
    return ObstoreFrames(LocalStore(folder), folder, reserve_bytes, limit_bytes)


def _checked(key: str) -> str:
    if not KEY.fullmatch(key) or ".." in key:
        raise BadInput(f"not a key of the frame store: {key!r}")
    return key
