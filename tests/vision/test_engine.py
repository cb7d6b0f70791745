"""The queue in front of the detectors: bounded, fair, the newest frame first, and honest when it is full."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from datetime import datetime

import pytest

from balefire.domain.errors import QueueFull, Replaced, TooFast
from balefire.vision.engine import Engine
from tests.builders import at


class Gate:
    """A worker that waits to be let through, so that a test decides what stands in the queue."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.busy = threading.Event()
        self.done: list[str] = []

    def __call__(self, job: str) -> str:
        self.busy.set()
        self.open.wait(10)
        self.done.append(job)
        if job == "broken":
            raise ValueError(job)
        return job.upper()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def engine(gate: Gate) -> Iterator[Engine[str, str]]:
    """One worker, busy with a first job."""
    opened: Engine[str, str] = Engine(lambda: gate, workers=1, capacity=4, backfill_capacity=2)
    opened.submit("first", "zero")
    assert gate.busy.wait(5)
    yield opened
    gate.open.set()
    opened.close()


def _submit(engine: Engine[str, str], *jobs: tuple[str, str | None, datetime | None]) -> list[Future[str]]:
    return [engine.submit(job, camera, captured_at) for job, camera, captured_at in jobs]


def test_answers_come_back(engine: Engine[str, str], gate: Gate) -> None:
    (future,) = _submit(engine, ("a", "one", None))
    assert engine.depth() == 1
    gate.open.set()
    assert future.result(5) == "A"


def test_a_newer_frame_displaces_its_cameras_older_one(engine: Engine[str, str], gate: Gate) -> None:
    old, new = _submit(engine, ("old", "one", at(1)), ("new", "one", at(2)))
    with pytest.raises(Replaced):
        old.result(5)
    gate.open.set()
    assert new.result(5) == "NEW"
    assert engine.replaced_total == 1


def test_capture_time_decides_not_arrival(engine: Engine[str, str]) -> None:
    _, late = _submit(engine, ("new", "one", at(2)), ("late", "one", at(1)))
    with pytest.raises(Replaced):
        late.result(5)


def test_cameras_take_turns(engine: Engine[str, str], gate: Gate) -> None:
    futures = _submit(engine, ("x1", None, None), ("x2", None, None), ("a", "one", at(0)), ("b", "two", at(0)))
    gate.open.set()
    for future in futures:
        future.result(5)
    assert gate.done == ["first", "x1", "a", "b", "x2"]


def test_a_full_queue_says_no_and_when_to_come_again(engine: Engine[str, str]) -> None:
    _submit(engine, *((f"j{number}", f"camera-{number}", at(0)) for number in range(4)))
    with pytest.raises(QueueFull) as refused:
        engine.submit("one too many", "camera-9", at(0))
    assert refused.value.retry_after_s >= 1
    engine.submit("its own place", "camera-0", at(1))  # takes the place of the same camera's older frame


def test_callers_without_a_camera_leave_room_for_cameras(engine: Engine[str, str]) -> None:
    _submit(engine, ("x1", None, None), ("x2", None, None))
    with pytest.raises(QueueFull):
        engine.submit("x3", None)
    engine.submit("a", "one", at(0))


def test_backfill_waits_for_everything_live_and_is_never_displaced(engine: Engine[str, str], gate: Gate) -> None:
    old = [engine.submit(f"old{number}", "one", at(number), lane="backfill") for number in range(2)]
    with pytest.raises(TooFast) as refused:
        engine.submit("old3", "one", at(3), lane="backfill")
    assert refused.value.retry_after_s >= 1
    live = engine.submit("live", "two", at(0))
    gate.open.set()
    assert [future.result(5) for future in [live, *old]] == ["LIVE", "OLD0", "OLD1"]
    assert gate.done == ["first", "live", "old0", "old1"]


def test_a_job_that_fails_fails_alone(engine: Engine[str, str], gate: Gate) -> None:
    broken, fine = _submit(engine, ("broken", "one", None), ("fine", "two", None))
    gate.open.set()
    with pytest.raises(ValueError, match="broken"):
        broken.result(5)
    assert fine.result(5) == "FINE"


def test_closing_cancels_what_waits(gate: Gate) -> None:
    engine: Engine[str, str] = Engine(lambda: gate, workers=1, capacity=4)
    engine.submit("first", "zero")
    assert gate.busy.wait(5)
    waiting = engine.submit("a", "one")
    threading.Timer(0.2, gate.open.set).start()
    engine.close()
    with pytest.raises(CancelledError):
        waiting.result(5)
    with pytest.raises(QueueFull):
        engine.submit("b", "one")


def test_every_job_is_answered_once_under_load() -> None:
    def make_worker() -> Callable[[int], int]:
        return lambda job: job * 2

    engine: Engine[int, int] = Engine(make_worker, workers=4, capacity=1000)
    futures = [engine.submit(number, f"camera-{number}", at(0)) for number in range(500)]
    assert [future.result(10) for future in futures] == [number * 2 for number in range(500)]
    engine.close()
