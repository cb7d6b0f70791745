"""Frames that wait on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from balefire.camera.frame import Frame
from balefire.camera.spool import Spool, spool_folder
from balefire.domain.errors import Conflict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Open: TypeAlias = Callable[[int], Spool]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Spools in `tmp_path` with a quota in bytes, closed after the test."""
    with ExitStack() as stack:
        yield lambda quota_bytes: stack.enter_context(closing(Spool(tmp_path, quota_bytes)))


def frame(second: int, size: int = 1000) -> Frame:
    return Frame.new(NOON + timedelta(seconds=second, microseconds=123456), bytes([second]) * size)


def drained(spool: Spool) -> list[Frame]:
    found = []
    while (oldest := spool.oldest()) is not None:
        found.append(oldest)
        spool.done(oldest.id)
    return found


def test_frames_come_back_whole_in_the_order_of_capture_and_outlive_the_process(tmp_path: Path, opened: Open) -> None:
    first = opened(1 << 20)
    frames = [frame(second) for second in range(5)]
    for number in (1, 0, 3, 2, 4):
        assert first.put(frames[number]) == 0
    first.close()
    second = opened(1 << 20)
    assert len(second) == 5
    assert drained(second) == frames
    assert not list(tmp_path.glob("*.frame"))


def test_the_quota_drops_the_oldest_and_counts_them(tmp_path: Path, opened: Open) -> None:
    spool = opened(5000)
    dropped = [spool.put(frame(second)) for second in range(10)]
    assert dropped == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert sum(path.stat().st_size for path in tmp_path.glob("*.frame")) == spool.bytes_used <= 5000
    assert [found.picture[0] for found in drained(spool)] == [6, 7, 8, 9]


def test_a_frame_larger_than_the_quota_pushes_nothing_out(opened: Open) -> None:
    spool = opened(5000)
    spool.put(frame(1))
    assert spool.put(frame(2, size=6000)) == 1
    assert len(spool) == 1


def test_half_written_files_are_cleared_and_damaged_ones_are_said(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "01ARZ3NDEKTSV4RRFFQ69G5FAV.partial").write_bytes(b"half")
    (tmp_path / "01ARZ3NDEKTSV4RRFFQ69G5FAV.frame").write_bytes(b"\0\0\0\4\0\0\0\0true and more")
    spool = opened(5000)
    assert not list(tmp_path.glob("*.partial"))
    with pytest.raises(ValueError, match="lengths"):
        spool.oldest()
    spool.done(spool.oldest_id())
    assert spool.oldest() is None


def test_a_file_that_somebody_deleted_is_said(tmp_path: Path, opened: Open) -> None:
    spool = opened(5000)
    spool.put(frame(1))
    next(tmp_path.glob("*.frame")).unlink()
    with pytest.raises(ValueError, match="damaged or gone"):
        spool.oldest()


def test_one_process_at_a_time(opened: Open) -> None:
    first = opened(5000)
    with pytest.raises(Conflict, match="another balefire watch"):
        opened(5000)
    first.close()
    opened(5000)


def test_the_folder_is_the_users_alone_and_each_server_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = spool_folder("ridge-1", "http://one")
    assert folder.is_relative_to(tmp_path)
    assert folder != spool_folder("ridge-1", "http://two")
    Spool(folder, 1).close()
    assert folder.stat().st_mode & 0o077 == 0
