"""Pictures by key through obstore: a local folder by default, S3-compatible storage by address."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from balefire.domain.errors import BadInput, StoreFull, UnknownFrame

KEY = re.compile(r"[a-z0-9-][A-Za-z0-9._-]*(/[A-Za-z0-9._-]+)*")  # a camera's slug may start with -
KEY_LENGTH = 300
NO_ROOM = ("No space left", "os error 28", "Disk quota exceeded", "os error 122")
FOLDER_WENT = "Unable to create dir"
TRIES = 8  # threads that only come and go in one folder fail at 1 put in 200
RECOUNT_S = 3600.0  # the sum is kept up to date; counting heals what other processes did, and a kill
RECOUNT_AFTER_DELETE_S = 60.0  # in a bucket, where the size of what goes is not known


class ObstoreFrames:
    """Implements `ports.FrameStore`. `folder` is None where the store is not on this machine's disk.

    reserve_bytes: free disk that is never used. limit_bytes: pictures in all, 0 for what the disk holds.
    A picture is there whole or not at all: it is written under another name and renamed. It reaches the page cache,
    which a killed process cannot lose; after a power cut a row of the last seconds may lack its picture.
    """

    def __init__(self, store: ObjectStore, folder: Path | None, reserve_bytes: int, limit_bytes: int) -> None:
        self._store, self._folder = store, folder
        self._reserve, self._limit = reserve_bytes, limit_bytes
        self._used, self._stale_at = 0, 0.0  # monotonic seconds; counted at the first question
        self._lock = Lock()

    def put(self, key: str, data: bytes) -> None:
        """Raises StoreFull, and BadInput for what is no key. An older picture of this key is replaced."""
        self._check_room_for(len(data))
        try:
            _put(self._store, _checked(key), data)
        except (BaseError, OSError) as error:
            if any(sign in str(error) for sign in NO_ROOM):
                raise StoreFull("the disk of the frame store is full") from error
            raise
        with self._lock:
            self._used += len(data)

    def get(self, key: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, _checked(key)).bytes())
        except FileNotFoundError as error:
            raise UnknownFrame("this picture is not there any more") from error

    def delete(self, keys: Sequence[str]) -> None:
        paths = [_checked(key) for key in keys]
        if self._folder is not None:
            gone = sum(self._delete_file(path) for path in paths)
            with self._lock:
                self._used = max(self._used - gone, 0)
        elif paths:
            obstore.delete(self._store, paths)  # a thousand in one request; a bucket passes over what is not there
            with self._lock:
                self._stale_at = min(self._stale_at, time.monotonic() + RECOUNT_AFTER_DELETE_S)

    def used_bytes(self) -> int:
        """Kept up to date by what this process puts and deletes; counted anew once an hour."""
        with self._lock:
            now = time.monotonic()
            stale = now >= self._stale_at
            if stale:
                self._stale_at = now + RECOUNT_S
        if stale:  # without the lock: half a million pictures take seconds to count, and frames go on coming
            counted = sum(meta["size"] for page in obstore.list(self._store) for meta in page)
            with self._lock:
                self._used = counted
        return self._used

    def check_room(self) -> None:
        self._check_room_for(0)

    def _check_room_for(self, more: int) -> None:
        """`more`: bytes that are to come. Disk for one picture is part of the reserve."""
        if self._folder is not None and self._reserve and shutil.disk_usage(self._folder).free < self._reserve:
            raise StoreFull(f"less than {self._reserve / 1e6:.0f} MB are free for frames")
        if self._limit and self.used_bytes() + max(more, 1) > self._limit:
            raise StoreFull(f"the frames have reached their limit of {self._limit / 1e6:.0f} MB")

    def _delete_file(self, path: str) -> int:
        """Bytes that went: 0 where there was none."""
        try:
            size: int = obstore.head(self._store, path)["size"]
            obstore.delete(self._store, path)
        except FileNotFoundError:
            return 0
        return size


def open_frames(address: str, reserve_bytes: int, limit_bytes: int = 0) -> ObstoreFrames:
    """`address`: a folder, or `s3://bucket/prefix` with the credentials in the usual environment variables."""
    if "://" in address:
        return ObstoreFrames(from_url(address), None, reserve_bytes, limit_bytes)
    folder = Path(address)
    folder.mkdir(parents=True, exist_ok=True)
    # an hour's folder goes with its last picture, or a year leaves a quarter of a million empty ones
    return ObstoreFrames(LocalStore(folder, automatic_cleanup=True), folder, reserve_bytes, limit_bytes)


def _put(store: ObjectStore, path: str, data: bytes) -> None:
    """Try again where a purge, perhaps of another process, removes the empty folder that is just being made."""
    for _ in range(TRIES - 1):
        try:
            obstore.put(store, path, data)
            return
        except BaseError as error:
            if FOLDER_WENT not in str(error):
                raise
    obstore.put(store, path, data)


def _checked(key: str) -> str:
    """Raises BadInput for what could leave the store, or names nothing in it."""
    if len(key) > KEY_LENGTH or not KEY.fullmatch(key) or ".." in key:
        raise BadInput(f"not a key of the frame store: {key!r}")
    return key
