"""The frame store on a real folder, and on a real disk that is full."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from balefire.adapters.frames import ObstoreFrames, open_frames
from balefire.domain.errors import BadInput, StoreFull, UnknownFrame
from tests.needs import missing

KEY = "ridge/2026/05/01/12/01J.jpg"


@pytest.fixture
def store(tmp_path: Path) -> ObstoreFrames:
    return open_frames(str(tmp_path / "frames"), reserve_bytes=0)


def test_a_picture_comes_back_as_it_went(store: ObstoreFrames) -> None:
    store.put(KEY, b"\xff\xd8 picture")
    assert store.get(KEY) == b"\xff\xd8 picture"
    store.put(KEY, b"another")
    assert store.get(KEY) == b"another"


def test_deleting_passes_over_what_is_not_there(store: ObstoreFrames, tmp_path: Path) -> None:
    store.put(KEY, b"x")
    store.put("-mast/1.jpg", b"y")  # a camera's id may start so
    store.delete(["ridge/none.jpg", KEY, KEY])
    store.delete([])
    with pytest.raises(UnknownFrame):
        store.get(KEY)
    assert store.get("-mast/1.jpg") == b"y"
    assert not (tmp_path / "frames" / "ridge").exists()  # no empty folders stay


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../up.jpg", "a/../../up.jpg", "a//b.jpg", "a/", "a\\b", "a b", "x" * 301])
def test_a_key_stays_within_the_store(store: ObstoreFrames, key: str) -> None:
    for ask in (lambda: store.put(key, b""), lambda: store.get(key), lambda: store.delete([key])):
        with pytest.raises(BadInput):
            ask()


def test_used_bytes_follow_what_comes_and_goes(store: ObstoreFrames, tmp_path: Path) -> None:
    store.put(KEY, bytes(100))
    assert store.used_bytes() == 100
    store.put("ridge/2.jpg", bytes(50))
    store.delete([KEY, "ridge/none.jpg"])
    assert store.used_bytes() == 50
    assert open_frames(str(tmp_path / "frames"), reserve_bytes=0).used_bytes() == 50  # another process counts the same


def test_a_limit_holds_and_a_purge_makes_room(tmp_path: Path) -> None:
    store = open_frames(str(tmp_path), reserve_bytes=0, limit_bytes=100)
    store.put("a/1.jpg", bytes(60))
    with pytest.raises(StoreFull):
        store.put("a/2.jpg", bytes(60))
    store.check_room()  # a smaller one would fit
    store.put("a/3.jpg", bytes(40))
    with pytest.raises(StoreFull):
        store.check_room()
    store.delete(["a/1.jpg"])
    store.put("a/2.jpg", bytes(60))


def test_the_reserve_is_never_used(tmp_path: Path) -> None:
    with pytest.raises(StoreFull):
        open_frames(str(tmp_path), reserve_bytes=10**18).put(KEY, b"x")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.getuid() != 0 or subprocess.run(mounted, capture_output=True).returncode != 0:
        missing("needs root, to mount a disk that can be full")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_says_so_and_leaves_no_half_picture(small_disk: Path) -> None:
    store = open_frames(str(small_disk), reserve_bytes=0)
    store.put("a/1.jpg", bytes(900_000))
    with pytest.raises(StoreFull):
        store.put("a/2.jpg", bytes(400_000))
    with pytest.raises(UnknownFrame):
        store.get("a/2.jpg")
    store.delete(["a/1.jpg"])
    store.put("a/2.jpg", bytes(400_000))
    assert len(store.get("a/2.jpg")) == 400_000


def test_pictures_come_and_go_in_one_folder_at_once(store: ObstoreFrames) -> None:
    def come_and_go(thread: int) -> None:
        for number in range(100):
            store.put(f"ridge/12/{thread}-{number}.jpg", b"x")
            store.delete([f"ridge/12/{thread}-{number}.jpg"])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(come_and_go, range(4)))
    assert store.used_bytes() == 0


KILLED = """
import sys
from balefire.adapters.frames import open_frames
store = open_frames(sys.argv[1], reserve_bytes=0)
for number in range(100000):
    store.put(f"ridge/{number}.jpg", bytes([number % 256]) * 20000)
    print(number, flush=True)
"""


def test_a_kill_loses_no_picture_that_was_put(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(50)]
        writer.kill()
        said += writer.stdout.readlines()
    store = open_frames(str(tmp_path), reserve_bytes=0)
    for number in (int(line) for line in said if line.endswith("\n")):
        assert store.get(f"ridge/{number}.jpg") == bytes([number % 256]) * 20000
