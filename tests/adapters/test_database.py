"""The database keeps what it is given: the same tests on a real SQLite file and a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from ulid import ULID

from balefire.adapters.database import SqlDatabase
from balefire.domain.access import ApiKey, Role, Scope, Session, User
from balefire.domain.camera import Kind, Mount, Position
from balefire.domain.clock import CameraClock
from balefire.domain.detection import Hazard
from balefire.domain.errors import Conflict, NaiveTime, NotFound, UnknownCamera, UnknownEvent, UnknownFrame
from balefire.domain.event import EventState, Sighting
from balefire.domain.frame import FrameStatus
from balefire.domain.geometry import Box
from balefire.domain.health import Fault
from balefire.domain.review import Review, ReviewBox, Verdict
from balefire.domain.senders import Senders
from balefire.domain.zone import IgnoreZone
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
            last_picture_sha256="ab", last_reference_at=at(5), clock=CameraClock(3600.0, 3599.0, 5, at(1)),
            faults=(Fault.SILENT, Fault.SKEWED), looked_at=at(4), interval_s=1.5,
            senders=Senders("b", {"a": at(1), "b": at(4)}, (at(4),)),
            minute_at=at(0), minute_frames=7, minute_before=60,
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
    second = Review(str(ULID()), known.id, Verdict.REAL, "", "saw it", "wang", at(2), (box,), frames=("f1", "f2"))
    with database.begin() as work:
        work.cameras.add(camera())
        work.events.add(known)
        work.reviews.add(first)
        work.reviews.add(second)
    with database.read() as work:
        assert work.reviews.of([known.id]) == {known.id: [first, second]}
        assert work.reviews.of([]) == {}


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
        assert work.people.session("a" * 64) == Session("a" * 64, "li", at(10), one_time=True)
        assert work.people.session("b" * 64) is None
        assert work.people.keys() == [replace(key, revoked_at=at(1))]
        assert (work.people.user("li"), work.people.user("wang")) == (user, None)


def test_open_events_without_a_sighting(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        old, new = event(0), event(100)
        work.events.add(old)
        work.events.add(new)
        assert [one.id for one in work.events.open_before(at(50), 9)] == [old.id]


def test_an_event_that_another_transaction_loaded_is_saved(database: SqlDatabase) -> None:
    with database.begin() as work:
        work.cameras.add(camera())
        known = event(*range(40))
        known.sightings[3] = Sighting(known.sightings[3].frame, at(3), detection(sure=0.95))
        work.events.add(known)
    with database.read() as work:
        (loaded,) = work.events.open_of("ridge")  # without the surest
        (listed,) = work.events.page(EventFilter())
    loaded.observe(Sighting(str(ULID()), at(50), detection()))
    with database.begin() as work:
        work.events.save(loaded)
        listed.state = EventState.STANDING
        work.events.save(listed)
    with database.read() as work:
        assert len(work.events.get(known.id).sightings) == 41
        (listed,) = work.events.page(EventFilter())
        assert (listed.confidence, listed.state) == (0.95, EventState.STANDING)


def test_what_belongs_to_no_event_is_refused(database: SqlDatabase) -> None:
    stray = event(0)
    with pytest.raises(UnknownEvent), database.begin() as work:
        work.events.save(stray)
    with pytest.raises(UnknownEvent), database.begin() as work:
        work.reviews.add(Review(str(ULID()), stray.id, Verdict.REAL, "", "", "li", at(1)))


def test_what_a_frame_shows_of_which_event(database: SqlDatabase) -> None:
    known, other = event(0, 1), event(5)
    shown = [frame(second) for second in range(3)]
    seen = [Sighting(one.id, one.captured_at, detection()) for one in shown[:2]]
    known.sightings = seen
    with database.begin() as work:
        work.cameras.add(camera())
        for one in shown:
            work.frames.add(one)
        for made in (known, other):
            work.events.add(made)
            work.events.link_frames(made.id, [one.id for one in shown[1:]])
    rows = [one.id for one in shown]
    with database.read() as work:
        found = work.events.seen_in(rows)
        assert work.events.seen_in([]) == {}
    what = [seen[0].detection]
    assert found == {rows[0]: {known.id: what}, rows[1]: {known.id: what, other.id: []}, rows[2]: {known.id: [], other.id: []}}
