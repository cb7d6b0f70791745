"""A live camera through every way in which a server says no: each frame ends in exactly one count."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from balefire.camera.frame import Frame, Take
from balefire.camera.post import ServerRefused
from balefire.camera.settings import WatchSettings
from balefire.camera.status import Counts, Status
from balefire.camera.watch import Job
from tests.camera.frames_server import KEY, FramesServer, Script

QUICK = WatchSettings(
    connect_timeout_s=1.0, request_timeout_s=0.6, retry_first_s=0.1, retry_most_s=0.2, busy_patience_s=0.5
)  # fmt: skip
FULL, TOO_FAST = Script(503, {"Retry-After": "0"}), Script(429, {"Retry-After": "0"})


@dataclass
class Ticking:
    """A fake camera: a frame each 30 ms, until `frames` are taken."""

    frames: int
    taken: int = 0

    async def pump(self, take: Take) -> None:
        while self.taken < self.frames:
            self.taken += 1
            await take(Frame.new(datetime.now(UTC), b"\xff\xd8\xff" + bytes(500)))
            await asyncio.sleep(0.03)


def _job(camera: Ticking, server: FramesServer, spool: Path, settings: WatchSettings = QUICK, key: str = KEY) -> Job:
    status = Status("ridge-1", "a camera", server.url)
    return Job(camera, status, settings, server.url, key, spool, waits=False, limit=None)


@asynccontextmanager
async def _running(job: Job) -> AsyncIterator[Counts]:
    """Waits for the end of the job, unless it is cancelled inside."""
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(job.run())
        yield job.status.counts


async def _until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


def _all_there(counts: Counts, server: FramesServer, taken: int, unanswered: int = 0) -> None:
    """`unanswered`: how many frames may have arrived and count as dropped: the server was killed before its answer, and no disk
    kept the frame to ask again."""
    assert counts.adds_up, counts
    assert counts.taken == taken
    assert counts.sent == taken - counts.replaced - counts.refused - counts.dropped
    assert counts.sent <= len(server.stored) <= counts.sent + unanswered
    assert counts.waiting == 0


def test_a_server_that_is_killed_and_restarted_has_every_frame(frames: FramesServer, tmp_path: Path) -> None:
    async def story() -> Counts:
        job = _job(Ticking(60), frames, tmp_path)
        async with _running(job) as counts:
            await _until(lambda: counts.sent > 5)
            await asyncio.to_thread(frames.stop)
            await _until(lambda: counts.waiting > 10)
            assert job.status.server == "away"
            frames.start()
        return counts

    counts = asyncio.run(story())
    _all_there(counts, frames, 60)
    assert counts.dropped == 0
    captured = sorted(datetime.fromisoformat(at) for at, _, _ in frames.stored.values())
    # What was taken while the server was away has its own time: the time line has no hole.
    assert max(after - before for before, after in itertools.pairwise(captured)) < timedelta(seconds=0.3)
    assert not list(tmp_path.glob("*.frame"))


def test_a_server_that_answers_slowly_gets_the_newest_each_time(frames: FramesServer, tmp_path: Path) -> None:
    """It answers well, but a dozen frames late: what came meanwhile is replaced and never queues up, here or on the disk."""
    frames.slow = {"ridge-1": 0.4}

    async def story() -> list[str]:
        job = _job(Ticking(60), frames, tmp_path, replace(QUICK, request_timeout_s=20))
        async with _running(job) as counts:
            pass
        _all_there(counts, frames, 60)
        assert counts.dropped == 0
        assert counts.found == 0
        assert counts.replaced > counts.sent
        assert job.status.server == "answers"
        return list(frames.stored)

    order = asyncio.run(story())
    assert order == sorted(order)  # ids are in the order of capture


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "none", str(disk)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_drops_the_oldest_and_says_so_once(frames: FramesServer, small_disk: Path) -> None:
    async def story() -> Counts:
        job = _job(Ticking(80), frames, small_disk / "spool")
        async with _running(job) as counts:
            await _until(lambda: counts.sent > 5)
            await asyncio.to_thread(frames.stop)
            await _until(lambda: counts.dropped > 5)
            assert counts.waiting > 3
            frames.start()
        assert [note for note in job.status.notes if "spool" in note] == ["spool: no room left; the oldest frames are dropped"]
        return counts

    counts = asyncio.run(story())
    _all_there(counts, frames, 80, unanswered=1)


@contextmanager
def _read_only(disk: Path) -> Iterator[None]:
    """Whatever has files open there: the same disk is mounted once more above it, for reading alone."""
    subprocess.run(["mount", "--bind", str(disk), str(disk)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _told_of_spool(job: Job) -> list[str]:
    return [note for note in job.status.notes if note.startswith("spool")]


def test_a_disk_that_cannot_be_written_blinds_no_camera(frames: FramesServer, small_disk: Path) -> None:
    """From the start, as after a boot from a worn-out card: what is live goes up, what an outage holds back is counted."""

    async def story() -> Counts:
        job = _job(Ticking(80), frames, small_disk / "spool")
        async with _running(job) as counts:
            await _until(lambda: counts.sent > 5)
            await asyncio.to_thread(frames.stop)
            await _until(lambda: counts.dropped > 5)
            frames.start()
        first, *more = _told_of_spool(job)
        assert first == "spool: Read-only file system; what an outage holds back will be lost"
        assert more == ["spool: Read-only file system"]
        return counts

    with _read_only(small_disk):
        counts = asyncio.run(story())
    _all_there(counts, frames, 80, unanswered=1)


def test_a_disk_that_turns_read_only_with_frames_on_it_gives_those_up_once(frames: FramesServer, small_disk: Path) -> None:
    async def story() -> Counts:
        job = _job(Ticking(80), frames, small_disk / "spool")
        async with _running(job) as counts:
            await asyncio.to_thread(frames.stop)
            await _until(lambda: counts.waiting > 3)
            with _read_only(small_disk):
                await _until(lambda: counts.dropped > 3)
                frames.start()
                await _until(lambda: counts.waiting == 0)
        assert _told_of_spool(job) == ["spool: Read-only file system"]
        return counts

    counts = asyncio.run(story())
    _all_there(counts, frames, 80, unanswered=1)


def test_what_a_hanging_server_would_lose_is_spooled(frames: FramesServer, tmp_path: Path) -> None:
    frames.script.append(Script(after_s=2.0, drop=True))

    async def story() -> Counts:
        async with _running(_job(Ticking(40), frames, tmp_path)) as counts:
            await _until(lambda: counts.waiting > 5)
        return counts

    counts = asyncio.run(story())
    _all_there(counts, frames, 40)


def test_a_server_that_is_full_for_a_moment_gets_the_newest(frames: FramesServer, tmp_path: Path) -> None:
    frames.script.extend([FULL] * 2)
    job = _job(Ticking(20), frames, tmp_path, replace(QUICK, busy_patience_s=30))
    asyncio.run(job.run())
    _all_there(job.status.counts, frames, 20)
    assert job.status.counts.replaced > 0


def test_a_server_that_is_full_for_long_gets_everything_later(frames: FramesServer, tmp_path: Path) -> None:
    frames.always = FULL

    async def story() -> Counts:
        async with _running(_job(Ticking(60), frames, tmp_path)) as counts:
            await _until(lambda: counts.waiting > 20)
            frames.always = None
        return counts

    counts = asyncio.run(story())
    _all_there(counts, frames, 60)
    assert counts.sent > 40


def test_a_camera_that_is_too_fast_sends_the_newest_and_spools_nothing(frames: FramesServer, tmp_path: Path) -> None:
    frames.script.extend([TOO_FAST] * 6)
    job = _job(Ticking(30), frames, tmp_path)
    asyncio.run(job.run())
    _all_there(job.status.counts, frames, 30)
    assert job.status.counts.replaced > 3


def test_the_quota_of_the_spool_is_kept_and_counted(frames: FramesServer, tmp_path: Path) -> None:
    frames.stop()

    async def story() -> Counts:
        async with _running(_job(Ticking(40), frames, tmp_path, replace(QUICK, spool_bytes=7000))) as counts:
            await _until(lambda: counts.dropped > 10)
            assert sum(path.stat().st_size for path in tmp_path.glob("*.frame")) <= 7000
            frames.start()
        return counts

    counts = asyncio.run(story())
    _all_there(counts, frames, 40)


def test_what_waits_when_the_watch_ends_is_sent_by_the_next_one(frames: FramesServer, tmp_path: Path) -> None:
    frames.stop()
    first = _job(Ticking(1000), frames, tmp_path)

    async def story() -> None:
        task = asyncio.create_task(first.run())
        await _until(lambda: first.status.counts.taken > 9)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())
    ended = first.status.counts
    assert ended.adds_up
    assert ended.waiting == ended.taken
    frames.start()
    second = _job(Ticking(1), frames, tmp_path)
    asyncio.run(second.run())
    assert second.status.counts.found == ended.waiting
    assert second.status.counts.sent == ended.waiting + 1 == len(frames.stored)
    assert len(frames.named) == 1  # the live one: a spool that is sent later contests no camera
    assert second.status.counts.adds_up


def test_a_frame_that_breaks_the_server_does_not_hold_up_the_others(frames: FramesServer, tmp_path: Path) -> None:
    frames.always = Script(500)

    async def story() -> Counts:
        async with _running(_job(Ticking(20), frames, tmp_path)) as counts:
            await _until(lambda: counts.refused > 0)
            frames.always = None
        return counts

    counts = asyncio.run(story())
    _all_there(counts, frames, 20)
    assert counts.sent > 10


def test_a_revoked_key_ends_the_watch_and_keeps_what_it_has(frames: FramesServer, tmp_path: Path) -> None:
    job = _job(Ticking(1000), frames, tmp_path, key="bf_revoked")
    with pytest.raises(ServerRefused, match="the key is wrong"):
        asyncio.run(job.run())
    assert job.status.counts.adds_up
    assert job.status.counts.waiting >= 1


def test_a_login_page_is_no_acknowledgement(frames: FramesServer, tmp_path: Path) -> None:
    frames.always = Script(200, body=b"<html>sign in</html>")
    with pytest.raises(ServerRefused, match="is this its address"):
        asyncio.run(_job(Ticking(1000), frames, tmp_path).run())


def test_a_slowed_backlog_does_not_slow_the_live_picture(frames: FramesServer, tmp_path: Path) -> None:
    frames.stop()
    job = _job(Ticking(1000), frames, tmp_path)
    counts = job.status.counts

    async def story() -> None:
        task = asyncio.create_task(job.run())
        await _until(lambda: counts.waiting > 5)
        frames.late = datetime.now(UTC), Script(429, {"Retry-After": "60"})
        frames.start()
        await _until(lambda: any("server busy" in note for note in job.status.notes))
        sent = counts.sent
        await _until(lambda: counts.sent > sent + 5)  # the backlog would wait for a minute
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(story(), 30))
    assert counts.adds_up
