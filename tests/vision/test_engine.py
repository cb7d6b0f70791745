"""The queue in front of the detectors: whose turn it is, who gives way, and what is said when it is full."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balefire.domain.errors import Busy, QueueFull, Replaced, TooFast
from balefire.vision.engine import Engine, Lane
from balefire.vision.fair_queue import FairQueue
from tests.builders import at

WAIT_S = 10


class Gate:
    """A worker that holds its first job until the gate opens, and writes down in which order the others were done."""

    def __init__(self) -> None:
        self.open, self.entered = threading.Event(), threading.Event()
        self.done: list[str] = []

    def work(self, job: str) -> str:
        self.entered.set()
        assert self.open.wait(WAIT_S)
        if job.startswith("bad"):
            raise ValueError(job)
        self.done.append(job)
        return job.upper()


class House:
    """An engine with one worker, which is busy with `first`: what is submitted waits until `finish`."""

    def __init__(self, capacity: int = 8, backfill_capacity: int = 2) -> None:
        self.gate = Gate()
        self.engine: Engine[str, str] = Engine(lambda: self.gate.work, 1, capacity, backfill_capacity)
        self.first = self.engine.submit("first")
        assert self.gate.entered.wait(WAIT_S)

    def submit(self, job: str, camera: str | None = None, second: float | None = None, lane: Lane = "live") -> Future[str]:
        return self.engine.submit(job, camera, None if second is None else at(second), lane)

    def finish(self) -> list[str]:
        """What was done after `first`, in order."""
        self.gate.open.set()
        self.engine.close(drain_s=WAIT_S)
        return self.gate.done[1:]


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.finish()


# (job, camera or None for stateless, capture second, lane) as they come; what is done, in order
Arrival = tuple[str, str | None, float | None, Lane]
AB: list[Arrival] = [("a1", "a", 1, "live"), ("b1", "b", 1, "live")]
TURNS: list[tuple[str, list[Arrival], list[str]]] = [
    ("first come", [("a1", "a", 1, "live"), ("b1", "b", 1, "live"), ("c1", "c", 1, "live")], ["a1", "b1", "c1"]),
    ("the newer frame", [("a1", "a", 1, "live"), ("a2", "a", 2, "live"), ("a3", "a", 3, "live")], ["a3"]),
    ("keeps its turn", [("a1", "a", 1, "live"), ("b1", "b", 1, "live"), ("a2", "a", 2, "live")], ["a2", "b1"]),
    ("capture time decides", [("a2", "a", 2, "live"), ("a1", "a", 1, "live")], ["a2"]),
    ("the same time, the later", [("a1", "a", 1, "live"), ("again", "a", 1, "live")], ["again"]),
    ("no time, the later", [("a1", "a", None, "live"), ("a2", "a", None, "live")], ["a2"]),
    ("stateless all count", [("s1", None, None, "live"), ("s2", None, None, "live")], ["s1", "s2"]),
    (
        "stateless are one among cameras",
        [("s1", None, 1, "live"), ("s2", None, 1, "live"), ("s3", None, 1, "live"), *AB],
        ["s1", "a1", "b1", "s2", "s3"],
    ),
    ("backfill comes last", [("old", "a", 0, "backfill"), *AB, ("s1", None, 9, "live")], ["a1", "b1", "s1", "old"]),
    ("backfill all counts", [("old2", "a", 2, "backfill"), ("old1", "a", 1, "backfill")], ["old2", "old1"]),
]


@pytest.mark.parametrize(("arrivals", "done"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_turns(house: House, arrivals: list[Arrival], done: list[str]) -> None:
    for arrival in arrivals:
        house.submit(*arrival)
    assert house.engine.depth() == len(done)
    assert house.engine.replaced_total == len(arrivals) - len(done)
    assert house.finish() == done


def test_who_gave_way_is_told(house: House) -> None:
    old, new, late = house.submit("a1", "a", 1), house.submit("a3", "a", 3), house.submit("a2", "a", 2)
    for displaced in (old, late):  # at once, while the worker is still busy
        with pytest.raises(Replaced, match="a newer frame"):
            displaced.result(0)
    assert house.finish() == ["a3"]
    assert new.result(0) == "A3"


def test_a_frame_that_is_sent_again_while_it_waits_does_not_give_way_to_itself(house: House) -> None:
    first, again = house.submit("a1", "a", 1), house.submit("a1", "a", 1)
    house.submit("a1", "b", 1)  # another camera's
    assert house.finish() == ["a1", "a1"]
    assert (first.result(0), again.result(0), house.engine.replaced_total) == ("A1", "A1", 0)


def test_both_are_told_when_a_newer_frame_takes_their_place(house: House) -> None:
    twins = [house.submit("a1", "a", 1), house.submit("a1", "a", 3)]
    house.submit("a2", "a", 2)  # older than the second time
    newer = house.submit("a4", "a", 4)
    for twin in twins:
        with pytest.raises(Replaced):
            twin.result(0)
    assert house.finish() == ["a4"]
    assert newer.result(0) == "A4"


def test_a_twin_that_has_gone_is_not_waited_for(house: House) -> None:
    house.submit("a1", "a", 1).cancel()
    again = house.submit("a1", "a", 1)
    assert house.finish() == ["a1"]
    assert again.result(0) == "A1"


def test_the_frame_in_work_is_not_replaced() -> None:
    house = House()
    busy = house.submit("a1", "a", 1)
    house.gate.open.set()
    assert busy.result(WAIT_S) == "A1"
    assert house.submit("a2", "a", 2).result(WAIT_S) == "A2"
    assert house.engine.replaced_total == 0
    house.finish()


def full_of_cameras(house: House) -> None:
    for number in range(8):
        house.submit("x", f"cam-{number}", 1)


def full_of_callers(house: House) -> None:
    for _ in range(4):
        house.submit("x")


def full_of_old_frames(house: House) -> None:
    for number in range(2):
        house.submit("x", f"cam-{number}", 1, "backfill")


FULL: list[tuple[Callable[[House], None], Arrival, type[Busy] | None]] = [
    (full_of_cameras, ("one more", "cam-8", 1, "live"), QueueFull),
    (full_of_cameras, ("a caller", None, None, "live"), QueueFull),
    (full_of_cameras, ("newer", "cam-3", 2, "live"), None),  # takes no more room
    (full_of_cameras, ("older", "cam-3", 0, "live"), None),
    (full_of_cameras, ("old", "cam-3", 0, "backfill"), None),  # has its own room
    (full_of_callers, ("a caller", None, None, "live"), QueueFull),
    (full_of_callers, ("a camera", "cam-0", 1, "live"), None),  # callers never take all places
    (full_of_old_frames, ("old", "cam-0", 0, "backfill"), TooFast),
    (full_of_old_frames, ("new", "cam-0", 9, "live"), None),
]


@pytest.mark.parametrize(("fill", "arrival", "error"), FULL)
def test_full(house: House, fill: Callable[[House], None], arrival: Arrival, error: type[Busy] | None) -> None:
    fill(house)
    if error is None:
        house.submit(*arrival)
        return
    with pytest.raises(error) as refusal:
        house.submit(*arrival)
    assert 1 <= refusal.value.retry_after_s <= 30


@pytest.mark.parametrize(("waiting", "retry_after_s"), [(4, 1), (50, 6), (400, 30)])
def test_says_longer_when_more_waits(waiting: int, retry_after_s: int) -> None:
    """Before any job is done, one counts 100 ms."""
    house = House(capacity=2 * waiting)
    for _ in range(waiting):
        house.submit("x")
    with pytest.raises(QueueFull) as refusal:
        house.submit("one more")
    assert refusal.value.retry_after_s == retry_after_s
    house.finish()


def test_what_a_worker_raises_reaches_who_asked(house: House) -> None:
    bad, good = house.submit("bad", "a", 1), house.submit("good", "b", 1)
    house.gate.open.set()
    with pytest.raises(ValueError, match="bad"):
        bad.result(WAIT_S)
    assert good.result(WAIT_S) == "GOOD"


def test_who_has_gone_costs_no_work(house: House) -> None:
    gone, other = house.submit("gone", "a", 1), house.submit("other", "b", 1)
    assert gone.cancel()
    assert house.finish() == ["other"]
    assert other.done()


def test_replacing_one_who_has_gone(house: House) -> None:
    house.submit("a1", "a", 1).cancel()
    house.submit("a2", "a", 2)
    assert house.finish() == ["a2"]


def test_close_drains() -> None:
    house = House()
    waiting = house.submit("a1", "a", 1)
    threading.Timer(0.2, house.gate.open.set).start()
    house.engine.close(drain_s=WAIT_S)
    assert (waiting.result(0), house.engine.depth(), house.engine.running()) == ("A1", 0, 0)


def test_close_cancels_what_is_left_and_takes_nothing_more() -> None:
    house = House()
    left = [house.submit("a1", "a", 1), house.submit("old", "b", 0, "backfill")]
    threading.Timer(0.2, house.gate.open.set).start()
    house.engine.close()
    assert house.first.result(0) == "FIRST", "what was in work is ended"
    for future in left:
        with pytest.raises(CancelledError):
            future.result(0)
    with pytest.raises(QueueFull, match="stopping"):
        house.submit("late", "a", 2)
    house.engine.close()  # twice does no harm


def test_workers_have_their_own_worker_and_work_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=WAIT_S)
    made: list[Callable[[str], str]] = []

    def make_worker() -> Callable[[str], str]:
        def work(job: str) -> str:
            meeting.wait()
            return f"{job} by {made.index(work)}"

        made.append(work)
        return work

    engine: Engine[str, str] = Engine(make_worker, workers=3, capacity=8)
    futures = [engine.submit("x", f"cam-{number}") for number in range(3)]
    assert sorted(future.result(WAIT_S) for future in futures) == ["x by 0", "x by 1", "x by 2"]
    engine.close()


def test_others_take_over_and_no_job_is_lost() -> None:
    """The first worker is at a job, with others waiting, when two new ones come: all are answered, by whose turn it was."""
    gate = Gate()
    engine: Engine[str, str] = Engine(lambda: gate.work, 1, capacity=8)
    first = engine.submit("first")
    assert gate.entered.wait(WAIT_S)
    waiting = [engine.submit("x", f"cam-{number}") for number in range(4)]
    change = threading.Thread(target=engine.change_workers, args=(lambda: lambda job: f"{job} anew", 2))
    change.start()
    assert [future.result(WAIT_S) for future in waiting] == ["x anew"] * 4
    assert not first.done()
    gate.open.set()
    change.join(WAIT_S)
    assert (first.result(0), gate.done, engine.submit("y").result(WAIT_S)) == ("FIRST", ["first"], "y anew")
    engine.close()


def test_others_that_cannot_be_made_change_nothing(house: House) -> None:
    def broken() -> Callable[[str], str]:
        raise ValueError("no model")

    with pytest.raises(ValueError, match="no model"):
        house.engine.change_workers(broken, 2)
    house.submit("a1", "a", 1)
    assert house.finish() == ["a1"]


def test_a_worker_that_cannot_be_made_is_known_at_the_start() -> None:
    def broken() -> Callable[[str], str]:
        raise ValueError("no model")

    with pytest.raises(ValueError, match="no model"):
        Engine(broken, workers=1, capacity=1)


@pytest.mark.parametrize("sizes", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_an_engine_has_a_worker_and_room(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        Engine(lambda: str, *sizes)


class Picture:
    """Stands for a picture's bytes, which may be large."""


def test_an_idle_worker_holds_no_picture() -> None:
    engine: Engine[Picture, Picture] = Engine(lambda: lambda job: job, 1, capacity=4)
    picture = Picture()
    held = weakref.ref(picture)
    assert engine.submit(picture).result(WAIT_S) is picture
    del picture
    until = time.monotonic() + WAIT_S
    while held() is not None and time.monotonic() < until:  # the future is done a moment before the worker lets go
        gc.collect()
        time.sleep(0.01)
    assert held() is None
    engine.close()


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 9)), max_size=40))
def test_every_future_ends_and_the_newest_frame_is_seen(arrivals: list[tuple[str | None, int]]) -> None:
    house = House(capacity=100)
    futures = [house.submit(f"{camera}{second}", camera, second) for camera, second in arrivals]
    done = house.finish()
    assert all(future.done() for future in futures)
    newest = {camera: max(second for other, second in arrivals if other == camera) for camera, _ in arrivals if camera}
    assert all(f"{camera}{second}" in done for camera, second in newest.items())
    assert len(done) == len(newest) + sum(camera is None for camera, _ in arrivals)
    assert house.engine.replaced_total == len(set(map(id, futures))) - len(done), "who shares a future was not replaced"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())))
def test_nobody_waits_longer_than_a_round(items: list[tuple[str, int]]) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue()
    for key, value in items:
        queue.put(key, (key, value))
    served = [queue.pop() for _ in range(len(queue))]
    for key in "abc":
        mine = [value for owner, value in served if owner == key]
        assert mine == [value for owner, value in items if owner == key], "in order"
        turns = [index for index, (owner, _) in enumerate(served) if owner == key]
        assert all(later - earlier <= 3 for earlier, later in pairwise(turns))
    with pytest.raises(IndexError):
        queue.pop()


def test_a_newest_frame_of_many_cameras_is_never_lost_under_load() -> None:
    """Twenty cameras send 50 frames each to two workers, as fast as they can: the last one of each is always seen."""
    seen: dict[str, int] = {}

    def work(job: tuple[str, int]) -> None:
        camera, number = job
        seen[camera] = max(number, seen.get(camera, -1))

    engine: Engine[tuple[str, int], None] = Engine(lambda: work, 2, capacity=20)

    def send(camera: str) -> None:
        for number in range(50):
            engine.submit((camera, number), camera, at(number))

    cameras = [f"cam-{number}" for number in range(20)]
    threads = [threading.Thread(target=send, args=(camera,)) for camera in cameras]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.close(drain_s=WAIT_S)
    assert seen == dict.fromkeys(cameras, 49)
