"""The database keeps what it is given: the same tests on a real SQLite file and a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ulid import ULID

from balefire.adapters.database import SqlDatabase, migrate, open_database
from balefire.adapters.database.engine import make_engine
from balefire.adapters.database.tables import metadata
from balefire.domain.access import ApiKey, Role, Scope, Session, User
from balefire.domain.camera import IgnoreZone, Kind, Mount, Position
from balefire.domain.clock import CameraClock
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadSetting, Conflict, NaiveTime, NotFound, UnknownCamera, UnknownEvent, UnknownFrame
from balefire.domain.event import EventState, Sighting
from balefire.domain.frame import FrameStatus, Keep
from balefire.domain.geometry import Box
from balefire.domain.review import Review, ReviewBox, Verdict
from balefire.flows.ports import EventFilter
from tests.builders import at, camera, detection, event, frame

MASK = ((0.0, 0.9), (0.3, 0.9), (0.3, 1.0))


def test_a_camera_comes_back_as_it_went(database: SqlDatabase) -> None:
    whole = camera(
        name="Jinyun ridge <b>", unit="01J", position=Position(106.38, 29.83, 612.0), azimuth_deg=120.0, fov_deg=54.0,
        mount=Mount.TURNING, kind=Kind.THERMAL, detectors=("fire", "waste"), privacy_masks=(MASK,),
        ignore_zones=(IgnoreZone(MASK, "Li", "chimney", at(60)),), retired_at=at(5),
    )  # fmt: skip
    with database.begin() as work:
        work.cameras.add(whole)
    with database.read() as work:
        assert work.cameras.get("ridge") == whole
        assert work.cameras.all() == [whole]


def test_an_id_is_taken_once(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        with pytest.raises(Conflict):
            work.cameras.add(camera())
        work.cameras.add(camera("valley"))  # the transaction goes on
    with database.read() as work:
        assert [one.id for one in work.cameras.all()] == ["ridge", "valley"]
        assert [one.id for one in work.cameras.all(after="ridge")] == ["valley"]


def test_what_is_not_there_says_so(database: SqlDatabase) -> None:
    with database.begin() as work:
        for ask, error in (
            (lambda: work.cameras.get("x"), UnknownCamera), (lambda: work.cameras.lock("x"), UnknownCamera),
            (lambda: work.cameras.save(camera("x")), UnknownCamera), (lambda: work.frames.get("x"), UnknownFrame),
            (lambda: work.events.get("x"), UnknownEvent), (lambda: work.people.revoke_key("x", at(0)), NotFound),
        ):  # fmt: skip
            with pytest.raises(error):
                ask()


def test_a_pulse_comes_back_as_it_went(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        pulse = replace(
            work.cameras.lock("ridge"), last_frame_at=at(1), last_new_at=at(2), last_captured_at=at(3), frames=4,
            last_picture_sha256="ab", last_reference_at=at(5), clock=CameraClock(3600.0, 3599.0, 5, at(1)), silent_since=at(6),
        )  # fmt: skip
        work.cameras.save_pulse(pulse)
    with database.read() as work:
        assert work.cameras.pulse("ridge") == pulse
        assert work.cameras.pulses() == [pulse]


def test_a_frame_comes_back_and_its_id_is_unique(database: SqlDatabase) -> None:
    whole = frame(1, frame_id="cam-1", detections=(detection(),), reason="x", first_of_minute=True)
    with database.begin() as work:
        work.cameras.add(camera())
        work.frames.add(whole)
    with database.read() as work:
        assert work.frames.find("ridge", "cam-1") == whole
        assert work.frames.find("ridge", "cam-2") is None
    with pytest.raises(Exception, match=r"(?i)unique"), database.begin() as work:
        work.frames.add(frame(2, frame_id="cam-1"))


def test_naive_times_are_refused(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        with pytest.raises(Exception, match="no offset") as caught:
            work.frames.add(frame(captured_at=datetime(2026, 1, 1)))
    assert isinstance(caught.value, NaiveTime) or isinstance(caught.value.__cause__, NaiveTime)


def test_only_evidence_counts_for_times(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        for second, status in enumerate([FrameStatus.ACCEPTED, FrameStatus.FROZEN, FrameStatus.LATE, FrameStatus.SKIPPED]):
            work.frames.add(frame(second, status=status))
        assert work.frames.times_before("ridge", at(9), 5) == [at(2), at(0)]
        assert work.frames.times_before("ridge", at(1), 5) == [at(0)]


def test_an_event_keeps_its_sightings_and_its_surest(database: SqlDatabase) -> None:
    known = event(*range(40))
    with database.begin() as work:
        work.cameras.add(camera())
        work.events.add(known)
    with database.begin() as work:
        (loaded,) = work.events.open_of("ridge")
        assert len(loaded.sightings) == 33  # the newest 32 and the first
        assert loaded.sightings[0].captured_at == at(0)
        loaded.observe(Sighting(str(ULID()), at(50), detection(sure=0.99)))
        loaded.state, loaded.raised_at = EventState.RAISED, at(50)
        work.events.save(loaded)
    with database.begin() as work:
        (again,) = work.events.open_of("ridge")
        again.observe(Sighting(str(ULID()), at(51), detection(sure=0.3)))
        work.events.save(again)
    with database.read() as work:
        whole = work.events.get(known.id)
        assert len(whole.sightings) == 42
        assert (whole.started_at, whole.last_seen_at, whole.raised_at) == (at(0), at(51), at(50))
        (listed,) = work.events.page(EventFilter())
        assert listed.confidence == 0.99


def test_pages_filter_and_go_on(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        work.cameras.add(camera("valley"))
        made = [event(0), event(1, hazard=Hazard.FLAME), event(2, camera_id="valley")]
        made[1].state, made[1].raised_at = EventState.RAISED, at(1)
        for one in made:
            work.events.add(one)
        work.reviews.add(Review(str(ULID()), made[1].id, Verdict.FALSE, "lamp", "", "li", at(9)))
    ids = [one.id for one in made]
    newest_first = sorted(ids, reverse=True)
    cases = [
        (EventFilter(), newest_first),
        (EventFilter(limit=2), newest_first[:2]),
        (EventFilter(after=newest_first[1]), newest_first[2:]),
        (EventFilter(camera="valley"), [ids[2]]),
        (EventFilter(hazard=Hazard.FLAME), [ids[1]]),
        (EventFilter(states=(EventState.RAISED,)), [ids[1]]),
        (EventFilter(raised=True, reviewed=False), []),
        (EventFilter(raised=True, reviewed=True), [ids[1]]),
    ]
    with database.read() as work:
        for wanted, expected in cases:
            assert [one.id for one in work.events.page(wanted)] == expected, wanted


def test_reviews_append_and_the_last_counts(database: SqlDatabase) -> None:
    known = event(0)
    box = ReviewBox("f1", Hazard.SMOKE, Box(0.1, 0.1, 0.2, 0.2))
    first = Review(str(ULID()), known.id, Verdict.FALSE, "fog", "", "li", at(1))
    second = Review(str(ULID()), known.id, Verdict.REAL, "", "saw it", "wang", at(2), (box,))
    with database.begin() as work:
        work.cameras.add(camera())
        work.events.add(known)
        work.reviews.add(first)
        work.reviews.add(second)
    with database.read() as work:
        assert work.reviews.of([known.id]) == {known.id: [first, second]}
        assert work.reviews.of([]) == {}


def test_what_is_due_for_the_purge(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        ring, kept, reference, bare = frame(0), frame(1, keep=Keep.EVENT), frame(2, keep=Keep.REFERENCE), frame(3, picture=None)
        first = frame(4, picture=None, first_of_minute=True)
        for one in (ring, kept, reference, bare, first):
            work.frames.add(one)
        closed = event(1)
        closed.state, closed.raised_at, closed.closed_at = EventState.CLOSED, at(1), at(2)
        work.events.add(closed)
        work.events.link_frames(closed.id, [kept.id])
        work.events.link_frames(closed.id, [kept.id])  # twice does nothing
    with database.begin() as work:
        assert [one.id for one in work.frames.expired_ring(at(9), 9)] == [ring.id]
        assert work.frames.expired_ring(at(0), 9) == []
        assert [one.id for one in work.frames.old_references(at(9), 9)] == [reference.id]
        assert work.frames.unlinked(at(9), 9) == []
        assert work.events.closed_for_purge(None, True, at(9), 9) == [closed.id]
        assert work.events.closed_for_purge(Verdict.FALSE, True, at(9), 9) == []
        work.reviews.add(Review(str(ULID()), closed.id, Verdict.FALSE, "", "", "li", at(3)))
        assert work.events.closed_for_purge(None, True, at(9), 9) == []
        assert work.events.closed_for_purge(Verdict.FALSE, True, at(9), 9) == [closed.id]
        assert work.events.closed_for_purge(Verdict.FALSE, True, at(2), 9) == []
        work.events.unlink_frames(closed.id)
        assert [one.id for one in work.frames.unlinked(at(9), 9)] == [kept.id]
        work.frames.forget_pictures([kept.id])
        assert work.frames.unlinked(at(9), 9) == []
        assert work.frames.thin(at(9)) == 2  # not the first of its minute, nor what has a picture
        assert work.events.closed_for_purge(Verdict.FALSE, True, at(9), 9) == []


def test_keys_users_sessions(database: SqlDatabase) -> None:
    key = ApiKey(str(ULID()), "cam", "0" * 64, frozenset({Scope.FRAMES, Scope.READ}), at(0), camera="ridge")
    user = User(str(ULID()), "li", Role.OPERATOR, at(0), "hash")
    with database.begin() as work:
        work.people.add_key(key)
        work.people.add_user(user)
        with pytest.raises(Conflict):
            work.people.add_user(replace(user, id=str(ULID())))
        work.people.revoke_key(key.id, at(1))
        work.people.add_session(Session("a" * 64, "li", at(10), one_time=True))
        work.people.add_session(Session("b" * 64, "li", at(1)))
    with database.begin() as work:
        assert work.people.key(key.id) == replace(key, revoked_at=at(1))
        assert work.people.key("x") is None
        assert work.people.users() == [user]
        assert work.people.purge_sessions(at(5)) == 1
    taken = ThreadPoolExecutor(4).map(lambda _: _end(database, "a" * 64), range(4))
    assert sorted(taken) == [False, False, False, True]


def _end(database: SqlDatabase, token: str) -> bool:
    with database.begin() as work:
        return work.people.end_session(token)


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


def test_observing_one_camera_is_serialised(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())

    def count(_: int) -> None:
        with database.begin() as work:
            pulse = work.cameras.lock("ridge")
            work.cameras.save_pulse(replace(pulse, frames=pulse.frames + 1))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(count, range(60)))
    with database.read() as work:
        assert work.cameras.pulse("ridge").frames == 60


def test_migrations_say_what_the_tables_say(database_url: str) -> None:
    migrate(database_url)
    migrate(database_url)  # twice does nothing
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_several_processes_migrate_at_once(database_url: str) -> None:
    code = "import sys; from balefire.adapters.database import migrate; migrate(sys.argv[1])"
    running = [subprocess.Popen([sys.executable, "-c", code, database_url], stderr=subprocess.PIPE) for _ in range(3)]
    for process in running:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


@pytest.mark.parametrize("address", ["nonsense", "mysql://x/y", "postgresql://nobody@127.0.0.1:1/none"])
def test_an_address_that_leads_nowhere(address: str) -> None:
    with pytest.raises(BadSetting):
        migrate(address)


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
    writer = subprocess.Popen([sys.executable, "-c", KILLED, database_url], stdout=subprocess.PIPE, text=True)
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


def test_open_events_without_a_sighting(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        old, new = event(0), event(100)
        work.events.add(old)
        work.events.add(new)
        assert [one.id for one in work.events.open_before(at(50), 9)] == [old.id]
