"""Transactions: serialised where they must be, waiting nowhere else, and durable once acknowledged."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from balefire.adapters.database import SqlDatabase, migrate, open_database
from balefire.domain.access import Session
from balefire.domain.errors import UnknownCamera
from tests.builders import at, camera, frame


def test_what_raises_leaves_nothing(database: SqlDatabase) -> None:
    def fail() -> None:
        with database.begin() as work:
            work.cameras.add(camera())
            work.changes.add("camera", "ridge", "{}", at(0))
            work.cameras.get("valley")

    with pytest.raises(UnknownCamera):
        fail()
    with database.read() as work:
        assert work.cameras.all() == []
        assert work.changes.newest() == 0


def test_a_reader_waits_for_no_writer(database: SqlDatabase) -> None:
    with database.begin() as writer, ThreadPoolExecutor(1) as other:
        writer.cameras.add(camera())
        assert other.submit(_camera_ids, database).result(timeout=5) == []
    assert _camera_ids(database) == ["ridge"]


def _camera_ids(database: SqlDatabase) -> list[str]:
    with database.read() as work:
        return [one.id for one in work.cameras.all()]


def test_a_frame_sent_twice_at_once_is_one_row(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())

    def post(second: int) -> bool:
        with database.begin() as work:
            work.cameras.lock("ridge")
            if work.frames.find("ridge", "cam-1"):
                return False
            work.frames.add(frame(second, frame_id="cam-1"))
            return True

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(post, range(6))) == [False] * 5 + [True]


def test_a_one_time_session_ends_once(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.people.add_session(Session("a" * 64, "li", at(10), one_time=True))

    def end(_: int) -> bool:
        with database.begin() as work:
            return work.people.end_session("a" * 64)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(end, range(4))) == [False, False, False, True]


def test_a_new_lease_goes_to_one(database: SqlDatabase) -> None:
    def take(holder: int) -> bool:
        with database.begin() as work:
            return work.take_lease("purge", str(holder), at(0), 10)

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(take, range(6))) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_told_change_never_locks_others_out(database: SqlDatabase) -> None:
    """One tells and then wants the camera that the other holds, who tells too: neither waits for the other's telling."""
    with database.begin() as work:
        work.cameras.add(camera())
    both = threading.Barrier(2)

    def tells_first() -> None:
        with database.begin() as work:
            work.changes.add("event", "a", "{}", at(0))
            both.wait(timeout=10)
            work.cameras.lock("ridge")

    def holds_first() -> None:
        with database.begin() as work:
            work.cameras.lock("ridge")
            both.wait(timeout=10)
            work.changes.add("event", "b", "{}", at(0))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(tells_first), threads.submit(holds_first)]:
            done.result(timeout=20)
    with database.read() as work:
        assert [row.subject for row in work.changes.after(0, 9)] == ["b", "a"]


def test_a_transaction_sees_what_it_tells(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.changes.add("event", "a", "{}", at(0))
        work.changes.add("event", "b", "{}", at(0))
        assert [row.subject for row in work.changes.after(0, 9)] == ["a", "b"]
        work.changes.add("event", "c", "{}", at(0))
    with database.begin() as work:
        rows = work.changes.after(0, 9)
        assert [row.subject for row in rows] == ["a", "b", "c"]
        assert work.changes.purge(at(1)) == 3
        work.changes.add("event", "d", "{}", at(2))
        assert work.changes.newest() > rows[-1].id  # a purged id is never given again


def test_a_lease_has_one_holder_until_it_ends(database: SqlDatabase) -> None:
    with database.begin() as work:
        assert work.take_lease("purge", "a", at(0), 10)
    with database.begin() as work:
        assert not work.take_lease("purge", "b", at(9), 10)
        assert work.take_lease("purge", "a", at(9), 10)
        assert work.take_lease("purge", "b", at(20), 10)


def test_changes_are_seen_in_the_order_of_their_ids(database: SqlDatabase) -> None:
    """A reader that follows the ids misses none, however many write."""
    seen: list[int] = []
    done = threading.Event()

    def follow() -> None:
        last = 0
        while True:
            finished = done.is_set()
            with database.read() as work:
                rows = work.changes.after(last, 1000)
            seen.extend(row.id for row in rows)
            last = seen[-1] if seen else 0
            if finished and not rows:
                return

    def write(_: int) -> None:
        with database.begin() as work:
            work.changes.add("event", "x", "{}", at(0))

    reader = threading.Thread(target=follow)
    reader.start()
    with ThreadPoolExecutor(6) as writers:
        list(writers.map(write, range(120)))
    done.set()
    reader.join()
    assert len(seen) == 120
    assert seen == sorted(seen)
    with database.begin() as work:
        assert work.changes.newest() == seen[-1]
        assert work.changes.purge(at(1)) == 120


def test_observing_one_camera_is_serialised(database: SqlDatabase, database_url: str) -> None:
    """Between threads, and between databases opened apart, as by two processes."""
    with database.begin() as work:
        work.cameras.add(camera())
    replicas = [database, open_database(database_url)]

    def count(number: int) -> None:
        with replicas[number % 2].begin() as work:
            pulse = work.cameras.lock("ridge")
            work.cameras.save_pulse(replace(pulse, frames=pulse.frames + 1))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(count, range(60)))
    replicas[1].close()
    with database.read() as work:
        assert work.cameras.pulse("ridge").frames == 60


KILLED = """
import sys
from datetime import UTC, datetime
from balefire.adapters.database import open_database
database = open_database(sys.argv[1])
for number in range(100000):
    with database.begin() as work:
        work.changes.add("event", str(number), "{}", datetime.now(UTC))
    print(number, flush=True)
"""


def test_a_kill_loses_nothing_that_was_acknowledged(database_url: str) -> None:
    migrate(database_url)
    with subprocess.Popen([sys.executable, "-c", KILLED, database_url], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(50)]
        writer.kill()
        said += writer.stdout.readlines()
    acknowledged = [line.strip() for line in said if line.endswith("\n")]
    database = open_database(database_url)
    with database.read() as work:
        stored = {row.subject for row in work.changes.after(0, 100000)}
    database.close()
    assert set(acknowledged) <= stored
