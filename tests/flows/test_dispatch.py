"""The outbox and its workers, on both databases; only the channel and the clock are fakes."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from balefire.adapters.database import SqlDatabase, migrate, open_database
from balefire.adapters.database.database import SqlWork
from balefire.adapters.notify.webhook import Webhook
from balefire.domain.errors import NotFound
from balefire.domain.event import Change, Event, EventState
from balefire.domain.health import Fault, Spell
from balefire.domain.notification import Draft, Notification, Outcome
from balefire.domain.review import Verdict
from balefire.flows.dispatch import LEASE, Dispatcher, give_up, tell_camera, tell_event
from balefire.flows.drill import end as end_drill
from balefire.flows.drill import start as start_drill
from balefire.flows.review import decide
from tests.builders import at, camera, event
from tests.fakes import FakeClock
from tests.receiver import SECRET, Receiver


@dataclass
class FakeChannel:
    """Answers what the test says, in turn, else accepts."""

    name: str = "webhook:hq"
    outcomes: list[Outcome | Exception] = field(default_factory=list)
    sent: list[Notification] = field(default_factory=list)
    is_ready: bool = True

    def ready(self) -> bool:
        return self.is_ready

    async def send(self, notification: Notification) -> Outcome:
        self.sent.append(notification)
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome(True)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@dataclass
class Post:
    """One database with two channels, a clock, and a worker that a test turns by hand."""

    database: SqlDatabase
    threads: ThreadPoolExecutor
    clock: FakeClock = field(default_factory=FakeClock)
    channel: FakeChannel = field(default_factory=FakeChannel)
    told: list[str] = field(default_factory=list)

    def worker(self, holder: str = "a", channel: FakeChannel | None = None) -> Dispatcher:
        told = lambda _, state: self.told.append(state)  # noqa: E731
        return Dispatcher(self.database, channel or self.channel, self.clock, self.threads, holder, told)

    def round(self, seconds: float, holder: str = "a") -> int:
        self.clock.at = at(seconds)
        return asyncio.run(self.worker(holder).round())

    def put(self, key: str, seconds: float = 0, subject: str = "s") -> int:
        with self.database.begin() as work:
            return work.outbox.add(Draft(key, "event", subject, "{}", at(seconds)), ["webhook:hq"])

    def states(self) -> list[tuple[str, str, int]]:
        with self.database.read() as work:
            return [(one.key, one.state.value, one.attempts) for one in reversed(work.outbox.page())]

    def bodies(self, channel: str = "mqtt") -> list[dict[str, Any]]:
        with self.database.read() as work:
            return [json.loads(one.body) for one in reversed(work.outbox.page(channel=channel))]


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    migrate(database_url)
    database = open_database(database_url, ["webhook:hq", "mqtt"])
    with database.begin() as work:
        work.cameras.add(camera())
    with ThreadPoolExecutor(4) as threads:
        yield Post(database, threads)
    database.close()


def _raised(post: Post, *seconds: float) -> Event:
    known = event(*seconds)
    known.state, known.raised_at = EventState.RAISED, at(0)
    with post.database.begin() as work:
        work.events.add(known)
        tell_event(work, known, Change.RAISED, at(0))
    return known


def test_what_is_rolled_back_is_never_told(post: Post) -> None:
    def fails(work: SqlWork) -> None:
        work.outbox.add(Draft("k", "event", "s", "{}", at(0)))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), post.database.begin() as work:
        fails(work)
    assert post.states() == []


def test_one_key_makes_one_row_a_channel(post: Post) -> None:
    assert [post.put("k"), post.put("k")] == [1, 0]
    with post.database.begin() as work:
        assert work.outbox.add(Draft("k", "event", "s", "{}", at(0))) == 1  # the other channel


def test_an_event_is_told_with_what_was_told_before(post: Post) -> None:
    known = _raised(post)
    decide(post.database, FakeClock(at(1)), known.id, Verdict.REAL, by="li")
    known.close(at(300))
    with post.database.begin() as work:
        work.events.save(known)
        tell_event(work, known, Change.CLOSED, at(300))
    new, update, end = post.bodies()
    assert (new["type"], update["type"], end["type"]) == ("new", "update", "end")
    assert (new["before"], update["before"], end["before"]) == (None, new["after"], update["after"])
    assert [body["after"]["verdict"] for body in (new, update, end)] == [None, "real", "real"]
    assert end["after"]["state"] == "closed"
    assert post.bodies("webhook:hq") == post.bodies("mqtt")


def test_a_receiver_that_hangs_holds_up_nobody_and_hears_of_it_later(post: Post) -> None:
    """A real receiver that takes the message and never answers, beside a channel that works."""
    here = [ipaddress.ip_network("127.0.0.0/8")]
    answer = threading.Event()
    with Receiver(hold=answer) as receiver:
        _raised(post)

        async def story() -> None:
            webhook = Webhook("webhook:hq", receiver.url, SECRET.encode(), here, post.clock)
            hanging = Dispatcher(post.database, webhook, post.clock, post.threads, "a", send_s=0.3)
            working = post.worker("b", FakeChannel("mqtt"))
            assert sum(await asyncio.gather(hanging.round(), working.round())) == 2
            with post.database.read() as work:
                states = {one.channel: (one.state.value, one.last_error) for one in work.outbox.page()}
            assert states == {"webhook:hq": ("pending", "no answer within 0.3 s"), "mqtt": ("delivered", "")}
            answer.set()
            post.clock.at = at(60)
            assert await hanging.round() == 1
            await webhook.close()

        asyncio.run(story())
        with post.database.read() as work:
            assert {one.state.value for one in work.outbox.page()} == {"delivered"}
        assert len(receiver.accepted) == 1  # the same key twice


def test_a_drill_is_named_in_what_is_told(post: Post) -> None:
    """Raised in the drill, closed after it: still no fire."""
    start_drill(post.database, at(-10), "spring exercise")
    known = _raised(post)
    end_drill(post.database, at(10))
    known.close(at(300))
    with post.database.begin() as work:
        work.events.save(known)
        tell_event(work, known, Change.CLOSED, at(300))
        tell_camera(work, Spell("01S", "ridge", Fault.SILENT, "", at(301)), "new", at(301))
        tell_camera(work, Spell("01T", "ridge", Fault.SILENT, "", at(5)), "new", at(5))
    assert [body["drill"] for body in post.bodies()] == ["spring exercise", "spring exercise", None, "spring exercise"]


@pytest.mark.parametrize(("seconds", "told"), [(1, 1), (29, 1), (31, 2)])
def test_further_sightings_are_told_every_half_minute(post: Post, seconds: float, told: int) -> None:
    known = _raised(post)
    with post.database.begin() as work:
        tell_event(work, known, Change.UPDATED, at(seconds))
    assert len(post.bodies()) == told


def test_a_candidate_is_nobodys_business(post: Post) -> None:
    with post.database.begin() as work:
        tell_event(work, event(), Change.STARTED, at(0))
    assert post.states() == []


def test_accepted_once_is_sent_once(post: Post) -> None:
    post.put("k")
    assert [post.round(1), post.round(2)] == [1, 0]
    assert (post.states(), post.told) == ([("k", "delivered", 1)], ["delivered"])


@pytest.mark.parametrize("outcome", [Outcome(False, "answered 500"), ValueError("a fault of ours")])
def test_a_failed_try_is_tried_again_with_the_same_key(post: Post, outcome: Outcome | Exception) -> None:
    post.put("k")
    post.channel.outcomes = [outcome]
    assert [post.round(1), post.round(1.4), post.round(3)] == [1, 0, 1]
    assert [one.key for one in post.channel.sent] == ["k", "k"]
    assert (post.states(), post.told) == ([("k", "delivered", 2)], ["retried", "delivered"])


def test_a_receiver_says_when_it_wants_to_be_asked_again(post: Post) -> None:
    post.put("k")
    post.channel.outcomes = [Outcome(False, "answered 503", retry_after_s=60)]
    assert [post.round(1), post.round(60), post.round(62)] == [1, 0, 1]


def test_refused_for_good_is_not_tried_again(post: Post) -> None:
    post.put("k")
    post.channel.outcomes = [Outcome(False, "answered 410", final=True)]
    assert [post.round(1), post.round(4000)] == [1, 0]
    assert post.states() == [("k", "failed", 1)]


def test_tries_grow_apart_and_end_after_a_day(post: Post) -> None:
    post.put("k")
    post.channel.outcomes = [Outcome(False, "answered 500") for _ in range(4000)]
    tried = [0.0]
    while post.round(tried[-1]):
        with post.database.read() as work:
            (end,) = work.outbox.page()
        tried.append((end.due_at - at(0)).total_seconds())
    *tried, _ = tried
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert gaps[0] <= 1
    assert 30 <= min(gaps[-5:]) <= max(gaps) <= 60
    assert 86_340 <= tried[-1] < 86_400
    assert (end.state, end.last_error) == ("failed", f"given up after {len(tried)} tries: answered 500")


def test_what_no_worker_can_send_ends_too(post: Post) -> None:
    post.put("k")
    post.channel.is_ready = False
    assert post.round(1) == 0
    assert give_up(post.database, at(86_399)) == {}
    assert give_up(post.database, at(86_401)) == {"webhook:hq": 1}
    assert post.states() == [("k", "failed", 0)]


def test_a_lease_is_one_workers_until_it_runs_out(post: Post) -> None:
    """What a kill between send and acknowledgement leaves behind: sent again by the next, and the first counts no more."""
    post.put("k")
    with post.database.begin() as work:
        (lost,) = work.outbox.lease("webhook:hq", "killed", at(1), at(1) + LEASE, 8)
    assert post.round(2, "b") == 0
    assert post.round(22, "b") == 1
    with post.database.begin() as work:
        assert not work.outbox.settle(lost, lost.after(Outcome(False, "too late", final=True), at(23)))
    assert post.states() == [("k", "delivered", 2)]


def test_many_workers_send_each_once(post: Post) -> None:
    for number in range(60):
        post.put(f"k{number}", subject=f"s{number}")
    channels = [FakeChannel() for _ in range(4)]

    async def drain() -> None:
        workers = [post.worker(f"w{number}", channel) for number, channel in enumerate(channels)]
        for _ in range(20):
            await asyncio.gather(*(worker.round() for worker in workers))

    asyncio.run(drain())
    assert sorted(one.key for channel in channels for one in channel.sent) == sorted(f"k{number}" for number in range(60))


def test_of_one_subject_nothing_passes_what_came_before(post: Post) -> None:
    for key in ("new", "update"):
        post.put(key)
    post.put("other", subject="o")
    post.channel.outcomes = [Outcome(False, "answered 500")]
    post.round(1)
    post.round(3)
    post.round(4)
    assert [one.key for one in post.channel.sent] == ["new", "other", "new", "update"]


def test_replay_sends_again_with_the_same_key(post: Post) -> None:
    post.put("k")
    post.round(1)
    with post.database.begin() as work:
        (known,) = work.outbox.page()
        work.outbox.replay(known.id, at(200_000))
    assert post.round(200_001) == 1
    assert [one.key for one in post.channel.sent] == ["k", "k"]
    with pytest.raises(NotFound, match="no notification 99"), post.database.begin() as work:
        work.outbox.replay(99, at(0))


def test_the_log_goes_back_as_far_as_it_is_kept(post: Post) -> None:
    post.put("k")
    post.put("waiting", seconds=5, subject="o")
    post.round(1)
    with post.database.begin() as work:
        assert work.outbox.purge(at(1)) == 0
        assert work.outbox.purge(at(1) + timedelta(days=30)) == 1
    assert [key for key, *_ in post.states()] == ["waiting"]
