"""Frames become events, on both databases; only the eye and the picture store are fakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from balefire.adapters.database import SqlDatabase
from balefire.domain.camera import Mount, Pose, Position
from balefire.domain.detection import Detection, Hazard
from balefire.domain.errors import BadInput, NaiveTime, UnknownCamera
from balefire.domain.frame import Keep
from balefire.domain.policy import Policies, Policy, Variant
from balefire.domain.retention import Retention
from balefire.domain.review import Verdict
from balefire.domain.zone import IgnoreZone
from balefire.flows import wire
from balefire.flows.health import close_ended, note_silence, state_of
from balefire.flows.ports import EventFilter
from balefire.flows.retention import purge, trim_ring
from balefire.flows.review import decide
from balefire.flows.watch import Incoming, Watch
from tests.builders import at, camera, detection
from tests.fakes import FakeClock, FakeEye, FakeStore

POLICIES = Policies.plain({hazard: Policy(hazard, sightings=3, frames=5, window_s=60, open_s=120) for hazard in Hazard})
SMOKE = (detection(),)
FLAME = (detection(Hazard.FLAME),)


@dataclass
class Scene:
    """One watch over one database, with a clock that the frames move."""

    database: SqlDatabase
    watch: Watch
    eye: FakeEye
    store: FakeStore
    clock: FakeClock = field(default_factory=FakeClock)

    def frame(
        self, second: float, *sees: Detection, received: float | None = None, picture: bytes = b"", **fields: Any
    ) -> dict[str, Any]:
        """Post one frame taken at `second`; what was answered."""
        self.eye.sees = [sees]
        came = at(second if received is None else received)
        incoming = {
            "camera": "ridge",
            "picture": picture or f"p{second}".encode(),
            "received_at": came,
            "captured_at": at(second),
        }
        answer = asyncio.run(self.watch.take(Incoming(**{**incoming, **fields})))
        body: dict[str, Any] = json.loads(answer.body)
        return {**body, "repeated": answer.repeated}

    def events(self, **wanted: Any) -> list[Any]:
        with self.database.read() as work:
            return work.events.page(EventFilter(**wanted))


@pytest.fixture
def scene(database: SqlDatabase) -> Iterator[Scene]:
    with database.begin() as work:
        work.cameras.add(camera())
    eye, store, clock = FakeEye(), FakeStore(), FakeClock()
    with ThreadPoolExecutor(4) as threads:
        yield Scene(database, Watch(database, store, eye, POLICIES, clock, threads), eye, store, clock)


def test_three_sightings_raise_one_event(scene: Scene) -> None:
    changes = [scene.frame(second, *SMOKE)["events"][0]["change"] for second in range(5)]
    assert changes == ["started", "updated", "raised", "updated", "updated"]
    (event,) = scene.events()
    assert event.reason == "3 of 3 sightings in 2 s"
    with scene.database.read() as work:
        told = [json.loads(row.body)["change"] for row in work.changes.after(0, 99)]
    assert told == ["raised", "updated", "updated"]  # candidates are nobody's business


def test_empty_frames_keep_the_time_line_but_are_no_evidence(scene: Scene) -> None:
    for second in range(9):
        scene.frame(second, *(SMOKE if second in (0, 4, 8) else ()))
    (event,) = scene.events()
    assert event.state == "candidate"
    assert event.last_seen_at == at(8)


def test_two_boxes_on_one_fire_are_one_event(scene: Scene) -> None:
    both = (detection(), detection(box=(0.42, 0.42, 0.52, 0.52), sure=0.5))
    for second in range(4):
        scene.frame(second, *both)
    assert len(scene.events()) == 1


def test_two_places_are_two_events(scene: Scene) -> None:
    for second in range(4):
        scene.frame(second, *SMOKE, detection(box=(0.8, 0.8, 0.9, 0.9)))
    assert len(scene.events(raised=True)) == 2


def test_hazards_at_one_place_share_a_group(scene: Scene) -> None:
    scene.frame(0, *SMOKE)
    scene.frame(1, *SMOKE, *FLAME)
    smoke, flame = scene.events(hazard=Hazard.SMOKE)[0], scene.events(hazard=Hazard.FLAME)[0]
    assert smoke.group == flame.group == smoke.id


@pytest.mark.parametrize(
    ("mount", "decided", "groups"), [(Mount.FIXED, False, 2), (Mount.FIXED, True, 3), (Mount.MOVING, False, 3)]
)
def test_what_comes_back_at_a_place_joins_what_waits_there(scene: Scene, mount: Mount, decided: bool, groups: int) -> None:
    with scene.database.begin() as work:
        work.cameras.save(camera(mount=mount))
    for second in range(4):
        scene.frame(second, *SMOKE)
    (first,) = scene.events()
    if decided:
        decide(scene.database, scene.clock, first.id, Verdict.FALSE, "li")
    for second in range(1000, 1004):
        scene.frame(second, *SMOKE, detection(box=(0.8, 0.8, 0.9, 0.9)))
    assert (len(scene.events()), len({event.group for event in scene.events()})) == (3, groups)


def test_the_same_frame_twice_gets_the_same_answer(scene: Scene) -> None:
    first = scene.frame(0, *SMOKE, frame_id="a")
    again = scene.frame(1, frame_id="a")
    assert {**first, "repeated": True} == again
    with scene.database.read() as work:
        assert work.cameras.pulse("ridge").frames == 1


def test_a_frozen_picture_is_no_evidence(scene: Scene) -> None:
    answers = [scene.frame(second, *SMOKE, picture=b"same") for second in range(5)]
    assert [answer["status"] for answer in answers] == ["accepted", *["frozen"] * 4]
    assert [event.state for event in scene.events()] == ["candidate"]


def test_a_drone_has_no_frozen_check(scene: Scene) -> None:
    with scene.database.begin() as work:
        work.cameras.add(camera("drone", mount=Mount.MOVING))
    statuses = [scene.frame(second, picture=b"same", camera="drone")["status"] for second in range(2)]
    assert statuses == ["accepted", "accepted"]


def test_late_frames_count_by_their_own_time(scene: Scene) -> None:
    scene.frame(0, *SMOKE)
    scene.frame(10, *SMOKE)
    late = scene.frame(5, *SMOKE, received=12)
    assert late["status"] == "late"
    (event,) = scene.events()
    assert (event.state, event.last_seen_at, event.reason) == ("raised", at(10), "3 of 3 sightings in 10 s")


def test_old_frames_go_to_the_backfill_lane(scene: Scene) -> None:
    scene.frame(0, received=5)
    scene.frame(1, received=45)
    assert scene.eye.backfill == [False, True]


def test_a_replaced_frame_leaves_a_row_and_repeats_its_answer(scene: Scene) -> None:
    answer = scene.frame(0, picture=b"replaced", frame_id="a")
    assert (answer["status"], answer["reason"]) == ("skipped", "replaced")
    assert scene.frame(1, frame_id="a")["repeated"]


def test_an_event_closes_when_nothing_is_seen_any_more(scene: Scene) -> None:
    for second in range(3):
        scene.frame(second, *SMOKE)
    answer = scene.frame(200)
    assert [(event["state"], event["change"]) for event in answer["events"]] == [("closed", "closed")]
    scene.frame(201, *SMOKE)
    assert len(scene.events()) == 2


def test_an_event_of_a_camera_that_is_gone_closes_by_itself(scene: Scene) -> None:
    scene.frame(0, *SMOKE)
    assert close_ended(scene.database, at(80), POLICIES) == 0
    assert close_ended(scene.database, at(200), POLICIES) == 1
    assert scene.events()[0].reason.startswith("not raised: ")


def test_an_ignore_zone_keeps_the_picture_and_raises_nothing_until_it_ends(scene: Scene) -> None:
    zone = IgnoreZone(((0.3, 0.3), (0.6, 0.3), (0.6, 0.6), (0.3, 0.6)), "Li", "chimney", at(3))
    with scene.database.begin() as work:
        work.cameras.save(camera(ignore_zones=(zone,)))
    for second in range(3):
        scene.frame(second, *SMOKE)
    assert scene.events()[0].reason.endswith("ignored: chimney")
    assert len(scene.store.pictures) == 3
    scene.frame(3, *SMOKE)
    assert scene.events()[0].state == "raised"


def test_what_grows_beyond_an_ignore_zone_raises(scene: Scene) -> None:
    zone = IgnoreZone(((0.3, 0.3), (0.6, 0.3), (0.6, 0.6), (0.3, 0.6)), "Li", "chimney", at(900))
    with scene.database.begin() as work:
        work.cameras.save(camera(ignore_zones=(zone,)))
    for second in range(3):
        scene.frame(second, detection(box=(0.2, 0.2, 0.7, 0.7)))
    assert scene.events()[0].state == "raised"


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"camera": "nowhere"}, UnknownCamera), ({"captured_at": datetime(2026, 5, 1)}, NaiveTime)],
)
def test_refusals(scene: Scene, fields: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        scene.frame(0, **fields)


def test_the_seconds_before_are_kept_and_the_rest_of_the_ring_goes(scene: Scene) -> None:
    for second in range(60):
        scene.frame(second, *(SMOKE if second == 50 else ()))
    (event,) = scene.events()
    with scene.database.read() as work:
        linked = [frame.captured_at for frame in work.events.frames_of(event.id)]
    assert linked == [at(second) for second in range(30, 51)]
    assert trim_ring(scene.database, scene.store, at(200), Retention()) == 60 - 21 - 1  # one is the hour's reference
    assert len(scene.store.pictures) == 22


@pytest.mark.parametrize(
    ("verdict", "after_days", "left"),
    [(None, 3650, 3), (Verdict.FALSE, 29, 3), (Verdict.FALSE, 31, 0), (Verdict.REAL, 364, 3), (Verdict.REAL, 366, 0)],
)
def test_pictures_go_by_verdict(scene: Scene, verdict: Verdict | None, after_days: int, left: int) -> None:
    for second in range(3):
        scene.frame(second, *SMOKE)
    close_ended(scene.database, at(1000), POLICIES)
    (event,) = scene.events()
    if verdict:
        decide(scene.database, scene.clock, event.id, verdict, by="li")
    purge(scene.database, scene.store, at(1000) + timedelta(days=after_days), Retention())
    assert len(scene.store.pictures) == left
    with scene.database.read() as work:
        assert work.events.get(event.id).reason  # the event itself stays


def test_rows_that_saw_nothing_are_thinned_to_one_a_minute(scene: Scene) -> None:
    for second in range(0, 300, 10):
        scene.frame(second)
    counts = purge(scene.database, scene.store, at(0) + timedelta(days=40), Retention())
    assert counts["rows"] == 25
    assert scene.store.pictures == {}


def test_silence_is_told_once_and_ends_with_the_next_frame(scene: Scene) -> None:
    scene.frame(0)
    assert note_silence(scene.database, at(30), silent_s=60) == []
    assert note_silence(scene.database, at(61), silent_s=60) == ["ridge"]
    assert note_silence(scene.database, at(70), silent_s=60) == []
    for second in range(80, 100):
        scene.frame(second)
    with scene.database.read() as work:
        assert state_of(work.cameras.pulse("ridge")) == "ok"
    assert note_silence(scene.database, at(180), silent_s=60) == ["ridge"]


def test_each_frame_keeps_its_picture_with_one_reference_an_hour(scene: Scene) -> None:
    for second in (0, 10, 3599, 3600, 3700):
        scene.frame(second)
    with scene.database.read() as work:
        kept = [frame.captured_at for frame in work.frames.old_references(at(9999), 99)]
        assert kept == [at(0), at(3600)]
        assert {frame.keep for frame in work.frames.in_ring("ridge", at(0), at(9999))} == {Keep.RING, Keep.REFERENCE}


def test_a_turning_camera_links_within_one_preset(scene: Scene) -> None:
    with scene.database.begin() as work:
        work.cameras.save(camera(mount=Mount.TURNING))
    for second in range(6):  # the same place in the picture, two places in the world
        scene.frame(second, *SMOKE, preset=("north", "south")[second % 2])
    events = scene.events(raised=True)
    assert sorted(event.preset for event in events) == ["north", "south"]
    assert {event.reason for event in events} == {"3 of 3 sightings in 4 s"}  # the other preset's frames do not count


def test_a_fixed_camera_has_no_presets(scene: Scene) -> None:
    for second in range(3):
        scene.frame(second, *SMOKE, preset=f"p{second}")
    (event,) = scene.events()
    assert (event.state, event.preset) == ("raised", None)


@pytest.mark.parametrize("preset", ["", "x" * 64, "Süd", "a\nb"])
def test_a_preset_that_cannot_be(scene: Scene, preset: str) -> None:
    with pytest.raises(BadInput, match="Camera-Preset"):
        scene.frame(0, preset=preset)


def test_what_is_always_there_does_not_fill_the_disk(database: SqlDatabase) -> None:
    steady = Policy(
        Hazard.SMOKE, sightings=3, frames=5, window_s=60, open_s=120, steady_iou=0.9, steady_sightings=3, standing_s=190,
        confidence=0.3,
    )  # fmt: skip
    with database.begin() as work:
        work.cameras.add(camera())
    with ThreadPoolExecutor(1) as threads:
        eye, store, clock = FakeEye(), FakeStore(), FakeClock()
        watch = Watch(database, store, eye, Policies.plain({hazard: steady for hazard in Hazard}), clock, threads)
        lamp = Scene(database, watch, eye, store, clock)
        for second in range(200):
            lamp.frame(second, *SMOKE)
    (event,) = lamp.events()
    assert (event.state, event.last_seen_at) == ("standing", at(199))
    with database.read() as work:
        kept = [frame.captured_at for frame in work.events.frames_of(event.id)]
    assert kept == [*(at(second) for second in range(121)), at(180)]  # two minutes, then one a minute while undecided


def test_the_seconds_before_an_event_was_raised_are_kept_too(scene: Scene) -> None:
    for second in range(160):  # faint and rare for minutes, then plain
        scene.frame(second, *(SMOKE if second % 40 == 0 or second > 155 else ()))
    (event,) = scene.events(raised=True)
    with scene.database.read() as work:
        kept = [frame.captured_at for frame in work.events.frames_of(event.id)]
    assert kept[-21:] == [at(second) for second in range(139, 160)]


def test_an_event_of_a_drone_carries_where_it_was_seen_from(scene: Scene) -> None:
    with scene.database.begin() as work:
        work.cameras.save(camera(mount=Mount.MOVING, position=Position(0.0, 0.0)))
    for second in range(3):
        scene.frame(second, *SMOKE, pose=Pose(Position(106.4 + second / 100, 29.8, 300.0), 90.0 + second))
    (event,) = scene.events(raised=True)
    assert event.pose == Pose(Position(106.42, 29.8, 300.0), 92.0)
    assert wire.event(event)["position"] == {"lon": 106.42, "lat": 29.8, "alt_m": 300.0}
    assert wire.event(event)["azimuth_deg"] == 92.0
    with scene.database.read() as work:
        assert [frame.pose.azimuth_deg for frame in work.events.frames_of(event.id) if frame.pose] == [90.0, 91.0, 92.0]


def test_what_a_frame_does_not_say_of_its_pose_stays(scene: Scene) -> None:
    with scene.database.begin() as work:
        work.cameras.save(camera(mount=Mount.TURNING))
    for second, pose in enumerate((Pose(Position(106.4, 29.8), 90.0), None, Pose(azimuth_deg=95.0))):
        scene.frame(second, *SMOKE, pose=pose)
    (event,) = scene.events(raised=True)
    assert event.pose == Pose(Position(106.4, 29.8), 95.0)


def test_night_falls_where_a_drone_flies(scene: Scene) -> None:
    @dataclass(frozen=True)
    class EasternNight:
        def is_dark(self, position: Position, when: datetime) -> bool:
            return position.lon > 100

        def is_twilight(self, position: Position, when: datetime) -> bool:
            return False

    rules = {(hazard, frozenset[Variant]()): Policy(hazard, 3, 5, 60, 120) for hazard in Hazard}
    rules |= {(hazard, frozenset({Variant.NIGHT, Variant.MOVING})): Policy(hazard, 1, 1, 60, 120) for hazard in Hazard}
    with scene.database.begin() as work:
        work.cameras.save(camera(mount=Mount.MOVING, position=Position(0.0, 0.0)))
    with ThreadPoolExecutor(2) as threads:
        watch = Watch(scene.database, scene.store, scene.eye, Policies(rules), scene.clock, threads, sky=EasternNight())
        drone = Scene(scene.database, watch, scene.eye, scene.store)
        assert drone.frame(0, *SMOKE, pose=Pose(Position(50.0, 29.8)))["events"][0]["change"] == "started"
        assert drone.frame(30, *FLAME, pose=Pose(Position(106.4, 29.8)))["events"][-1]["change"] == "raised"


def test_a_fixed_camera_stands_where_it_stands(scene: Scene) -> None:
    for second in range(3):
        scene.frame(second, *SMOKE, pose=Pose(Position(1.0, 2.0), 3.0))
    (event,) = scene.events()
    assert event.pose is None
    assert (wire.event(event)["position"], wire.event(event)["azimuth_deg"]) == (None, None)
