"""The bounded, fair queue in front of the detectors. Threads only; who waits on a future is not its concern.

live      cameras and stateless callers take turns; each camera has one waiting frame, a newer one displaces it;
          the same frame again, because its sender lost patience, shares the answer of the one that waits
backfill  frames that were spooled in an outage: never displaced, only when nothing live waits
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Generic, Literal, TypeVar

from balefire.domain.errors import QueueFull, Replaced, TooFast
from balefire.vision.fair_queue import FairQueue

Job = TypeVar("Job")
Result = TypeVar("Result")
Lane = Literal["live", "backfill"]

LONGEST_RETRY_S = 30
STATELESS_SHARE = 0.5  # of the capacity: callers without a camera never take the last place from a camera
FIRST_GUESS_S = 0.1  # how long a job takes, until one was done


@dataclass(slots=True)
class _Waiting(Generic[Job, Result]):
    job: Job
    captured_at: datetime | None
    future: Future[Result] = field(default_factory=Future)


class Engine(Generic[Job, Result]):
    """`workers` threads, each with a worker of its own that `make_worker` builds here, in the caller's thread.

    capacity: live jobs that may wait, one for each camera and up to half of it stateless; backfill_capacity: likewise.
    """

    def __init__(
        self,
        make_worker: Callable[[], Callable[[Job], Result]],
        workers: int,
        capacity: int,
        backfill_capacity: int = 16,
    ) -> None:
        if min(workers, capacity, backfill_capacity) < 1:
            raise ValueError("an engine has at least one worker and room for one job in each lane")
        self.capacity = capacity
        self.backfill_capacity = backfill_capacity
        self.replaced_total = 0
        self._live: FairQueue[_Waiting[Job, Result]] = FairQueue()
        self._backfill: FairQueue[_Waiting[Job, Result]] = FairQueue()
        self._changed = threading.Condition()
        self._closed = False
        self._running = 0
        self._job_s = FIRST_GUESS_S
        self._crew = 0  # workers of an older crew end after the job they are at
        self._threads: list[threading.Thread] = []
        self.change_workers(make_worker, workers)

    def submit(
        self, job: Job, camera: str | None = None, captured_at: datetime | None = None, lane: Lane = "live"
    ) -> Future[Result]:
        """A future of the worker's answer, or of what the worker raised, or of Replaced.

        camera None: stateless, first come first served, never replaced. Raises QueueFull where no place is left,
        TooFast where the backfill lane has none; both say when to come again.
        """
        waiting: _Waiting[Job, Result] = _Waiting(job, captured_at)
        with self._changed:
            if self._closed:
                raise QueueFull("the service is stopping", LONGEST_RETRY_S)
            if twin := self._twin(waiting, camera, lane):
                return twin.future
            displaced = self._enqueue(waiting, camera, lane)
            self._changed.notify()
        if displaced is not None:  # outside the lock: callbacks of a future may call back
            self._displace(displaced)
        return waiting.future

    def change_workers(self, make_worker: Callable[[], Callable[[Job], Result]], workers: int) -> None:
        """Others take over, built here, in the caller's thread; those before finish the job they are at. No job is lost."""
        made = [make_worker() for _ in range(workers)]
        with self._changed:
            if self._closed:
                return
            self._crew += 1
            threads = [threading.Thread(target=self._serve, args=(worker, self._crew), daemon=True) for worker in made]
            before, self._threads = self._threads, threads
            self._changed.notify_all()
        for thread in threads:
            thread.start()
        for thread in before:
            thread.join()

    def depth(self, lane: Lane | None = None) -> int:
        """How many jobs wait, in one lane or in both."""
        with self._changed:
            return sum(len(queue) for name, queue in self._lanes() if lane in (None, name))

    def running(self) -> int:
        with self._changed:
            return self._running

    def close(self, drain_s: float = 0.0) -> None:
        """Take nothing more; wait up to `drain_s` seconds for what waits, cancel the rest, and end every thread."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not (self._live or self._backfill), timeout=drain_s)
            left = [waiting for _, queue in self._lanes() for waiting in queue]
            self._live, self._backfill = FairQueue(), FairQueue()
            self._changed.notify_all()
        for waiting in left:
            waiting.future.cancel()
        for thread in self._threads:
            thread.join()

    def _lanes(self) -> list[tuple[Lane, FairQueue[_Waiting[Job, Result]]]]:
        return [("live", self._live), ("backfill", self._backfill)]

    def _twin(self, new: _Waiting[Job, Result], camera: str | None, lane: Lane) -> _Waiting[Job, Result] | None:
        """The same job of the same camera, where it waits: displacing it, a frame would give way to itself and be lost."""
        before = self._live.waiting(camera) if camera is not None and lane == "live" else None
        if before is None or before.future.cancelled() or before.job != new.job:
            return None
        if _older(before, new):
            before.captured_at = new.captured_at
        return before

    def _enqueue(self, new: _Waiting[Job, Result], camera: str | None, lane: Lane) -> _Waiting[Job, Result] | None:
        """Put `new` into its lane; who had to give way for it, or that `new` itself came too late."""
        if lane == "backfill":
            if len(self._backfill) >= self.backfill_capacity:
                raise TooFast("the backfill lane is full", self._retry_after_s())
            self._backfill.put(camera, new)
            return None
        before = self._live.waiting(camera) if camera is not None else None
        if before is None:
            self._check_room(camera)
            self._live.put(camera, new)
            return None
        if _older(new, before):
            return new
        self._live.replace(camera, new)
        return before

    def _check_room(self, camera: str | None) -> None:
        stateless_full = camera is None and self._live.count(None) >= max(1, int(self.capacity * STATELESS_SHARE))
        if len(self._live) >= self.capacity or stateless_full:
            raise QueueFull("the service is full", self._retry_after_s())

    def _retry_after_s(self) -> int:
        """When what waits now will be done, by how long jobs took lately."""
        waiting = len(self._live) + len(self._backfill) + self._running
        return max(1, min(LONGEST_RETRY_S, math.ceil(waiting * self._job_s / len(self._threads))))

    def _displace(self, waiting: _Waiting[Job, Result]) -> None:
        with self._changed:
            self.replaced_total += 1
        if waiting.future.set_running_or_notify_cancel():
            waiting.future.set_exception(Replaced("a newer frame of this camera took its place"))

    def _serve(self, worker: Callable[[Job], Result], crew: int) -> None:
        while self._serve_one(worker, crew):
            pass

    def _serve_one(self, worker: Callable[[Job], Result], crew: int) -> bool:
        """Do one job; False once there is none for this crew. Holds no picture while it waits for the next."""
        waiting = self._next(crew)
        if waiting is None:
            return False
        wanted = waiting.future.set_running_or_notify_cancel()
        started = time.monotonic()
        if wanted:
            with _Settled(waiting.future) as future:
                future.set_result(worker(waiting.job))
        with self._changed:
            self._running -= 1
            if wanted:
                self._job_s += 0.1 * (time.monotonic() - started - self._job_s)
        return True

    def _next(self, crew: int) -> _Waiting[Job, Result] | None:
        """The job whose turn it is, when there is one; None once the engine is closed and empty, or others took over."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._live or self._backfill or crew != self._crew)
            queue = self._live or self._backfill
            if not queue or crew != self._crew:
                return None
            waiting = queue.pop()
            self._running += 1
            self._changed.notify_all()
            return waiting


class _Settled(Generic[Result]):
    """Whatever a worker raises belongs to the one who waits for the future, and never ends the thread."""

    def __init__(self, future: Future[Result]) -> None:
        self._future = future

    def __enter__(self) -> Future[Result]:
        return self._future

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if error is not None:
            self._future.set_exception(error)
        return True


def _older(new: _Waiting[Job, Result], before: _Waiting[Job, Result]) -> bool:
    """Capture time, not arrival, decides; where one has none, the one that came last is the newer."""
    return new.captured_at is not None and before.captured_at is not None and new.captured_at < before.captured_at
