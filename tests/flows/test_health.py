"""Faults of cameras, on both databases: begun once, told once, ended once. Only the eye and the picture store are fakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from balefire.adapters.database import SqlDatabase, migrate, open_database
from balefire.domain.access import HOUSE
from balefire.domain.camera import Mount, Position
from balefire.domain.errors import UnknownCamera
from balefire.domain.glance import COLUMNS, ROWS, Glance
from balefire.domain.health import Fault, Spell
from balefire.domain.policy import Policies
from balefire.flows.cameras import change_camera
from balefire.flows.health import CameraHealth, accept_view, body, frames_per_minute, healths, note_silence, state_of
from balefire.flows.watch import Incoming, Watch
from tests.builders import NOON, at, camera
from tests.fakes import FakeClock, FakeEye, FakeStore

USUAL = Glance(120, 200, 0.02, 250, 0.2, False, Random(1).randbytes(COLUMNS * ROWS))
SOFT = replace(USUAL, fine=0.02)
ELSEWHERE = replace(USUAL, edges=Random(2).randbytes(COLUMNS * ROWS))
BLACK = replace(USUAL, light=3, spread=6, structure=5)


@dataclass
class Post:
    """One camera that sends a frame every five seconds."""

    database: SqlDatabase
    threads: ThreadPoolExecutor
    eye: FakeEye = field(default_factory=FakeEye)
    second: float = 0

    def send(
        self, seen: Glance, times: int, picture: bytes | None = None, skew_s: float = 0, camera: str = "ridge",
        agent: str | None = None,
    ) -> None:  # fmt: skip
        watch = Watch(self.database, FakeStore(), self.eye, Policies.plain({}), FakeClock(), self.threads, sky=MidnightAt(500))
        self.eye.glance = seen
        for _ in range(times):
            self.second += 5
            here = picture or f"p{self.second}".encode()
            incoming = Incoming(camera, here, at(self.second), None, at(self.second + skew_s), agent=agent)
            asyncio.run(watch.take(incoming))

    def told(self) -> list[tuple[str, str]]:
        """What the stream said of cameras."""
        with self.database.read() as work:
            rows = [json.loads(row.body) for row in work.changes.after(0, 99) if row.kind == "camera"]
        return [(body["type"], body["fault"]) for body in rows]

    def spells(self) -> list[Spell]:
        with self.database.read() as work:
            return work.health.between(at(-1e6), at(1e6), ["ridge"])

    def faults(self) -> tuple[Fault, ...]:
        with self.database.read() as work:
            return work.cameras.pulse("ridge").faults


@dataclass(frozen=True)
class MidnightAt:
    """Night falls at that second."""

    second: float

    def is_dark(self, position: Position, when: datetime) -> bool:
        return when >= at(self.second)

    def is_twilight(self, position: Position, when: datetime) -> bool:
        return False


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    migrate(database_url)
    database = open_database(database_url, channels=("webhook:hq",))
    with database.begin() as work:
        work.cameras.add(camera(position=Position(106.4, 29.8)))
    with ThreadPoolExecutor(2) as threads:
        yield Post(database, threads)
    database.close()


def outbox(post: Post) -> list[dict[str, Any]]:
    with post.database.read() as work:
        return [json.loads(row.body) for row in reversed(work.outbox.page()) if row.kind == "camera"]


def test_a_lost_focus_is_told_once_and_ends_once(post: Post) -> None:
    post.send(USUAL, 15)
    assert post.faults() == ()
    post.send(SOFT, 20)
    assert post.faults() == (Fault.BLURRED,)
    (spell,) = post.spells()
    assert (spell.since, spell.until) == (at(80), None)
    assert spell.reason == "fine detail is 10% of the usual"
    post.send(USUAL, 10)
    assert post.faults() == ()
    assert post.told() == [("new", "blurred"), ("end", "blurred")]
    assert [(body["type"], body["after"]["fault"]) for body in outbox(post)] == post.told()
    assert outbox(post)[1]["after"]["until"] is not None
    (spell,) = post.spells()
    assert spell.until == at(80 + 5 * 23)


def test_what_comes_back_at_once_has_not_ended(post: Post) -> None:
    post.send(USUAL, 15)
    for _ in range(3):
        post.send(SOFT, 8)
        post.send(USUAL, 6)
    assert len(post.spells()) == 1
    assert post.told() == [("new", "blurred"), ("end", "blurred")] + [("update", "blurred"), ("end", "blurred")] * 2


def test_one_fault_gives_way_to_another(post: Post) -> None:
    post.send(USUAL, 15)
    post.send(SOFT, 8)
    post.send(ELSEWHERE, 8)
    assert post.told() == [("new", "blurred"), ("end", "blurred"), ("new", "turned")]


def test_one_picture_for_ever_is_frozen(post: Post) -> None:
    post.send(USUAL, 15)
    post.send(USUAL, 12, picture=b"the same")
    assert post.faults() == ()
    post.send(USUAL, 3, picture=b"the same")
    assert post.faults() == (Fault.FROZEN,)
    assert post.spells()[0].since == at(80)
    post.send(USUAL, 1)
    assert post.told() == [("new", "frozen"), ("end", "frozen")]


def test_a_wrong_clock_is_told_and_blinds_nobody(post: Post) -> None:
    post.send(USUAL, 3)
    post.send(USUAL, 3, skew_s=600)
    assert post.faults() == (Fault.SKEWED,)
    assert not Fault.SKEWED.blinds
    assert "+600 s" in post.spells()[0].reason
    post.send(USUAL, 10)
    assert post.faults() == ()


def test_the_worst_fault_stands_first(post: Post) -> None:
    post.send(USUAL, 15)
    post.send(SOFT, 8, skew_s=600)
    assert note_silence(post.database, at(post.second + 100), 60) == ["ridge"]
    assert post.faults() == (Fault.SILENT, Fault.BLURRED, Fault.SKEWED)
    with post.database.read() as work:
        assert state_of(work.cameras.pulse("ridge")) == "silent"


def test_two_agents_on_one_camera_are_told_and_their_pictures_not_compared(post: Post) -> None:
    post.send(USUAL, 15, agent="hq-1")
    post.send(USUAL, 5, agent="hq-2")  # it was started again
    assert post.faults() == ()
    for _ in range(10):
        post.send(USUAL, 1, agent="hq-2")
        post.send(ELSEWHERE, 1, agent="van-1")
    assert post.faults() == (Fault.CONTESTED,)
    assert not Fault.CONTESTED.blinds
    assert post.spells()[0].reason == "2 agents send for it at once: hq-2, van-1"
    post.send(USUAL, 40, agent="hq-2")
    assert post.told() == [("new", "contested"), ("end", "contested")]


@pytest.mark.parametrize("skew_s", [60, -60])
def test_two_agents_with_different_clocks_are_told_once_each(post: Post, skew_s: float) -> None:
    """Each frame says another time than the one before it: neither is a new fault each time, nor hides the other."""
    post.send(USUAL, 15, agent="hq-1")
    for _ in range(20):
        post.send(USUAL, 1, skew_s=skew_s, agent="van-1")
        post.send(USUAL, 1, agent="hq-1")
    assert Fault.CONTESTED in post.faults()
    begun = [fault for kind, fault in post.told() if kind == "new"]
    assert sorted(begun) == (["contested", "skewed"] if skew_s > 0 else ["contested"])
    assert len(post.told()) == len(begun)
    post.send(USUAL, 40, agent="hq-1")
    assert post.faults() == ()
    assert len(post.told()) == 2 * len(begun)


def test_night_is_dark_as_it_should_be(post: Post) -> None:
    post.send(USUAL, 15)
    post.send(BLACK, 8)
    assert post.faults() == (Fault.DARK,)
    post.send(USUAL, 100 - 23)  # until second 500
    post.send(BLACK, 30)
    assert post.faults() == ()


def test_slow_cameras_are_not_silent_between_two_frames(post: Post) -> None:
    for minute in range(1, 12):
        post.second = 120 * minute
        post.send(USUAL, 1)
        assert minute == 1 or note_silence(post.database, at(post.second + 115), 60) == []
    assert note_silence(post.database, at(post.second + 600), 60) == ["ridge"]


def test_a_silence_while_the_service_was_away_is_written_down(post: Post) -> None:
    post.send(USUAL, 20)
    post.second += 3600
    post.send(USUAL, 1)
    (spell,) = post.spells()
    assert (spell.fault, spell.since, spell.until) == (Fault.SILENT, at(100), at(3705))
    assert post.told() == []


def test_who_is_retired_is_not_missed(post: Post) -> None:
    post.send(USUAL, 3)
    assert note_silence(post.database, at(200), 60) == ["ridge"]
    change_camera(post.database, at(210), "ridge", {"retired_at": at(210)}, lambda _: None)
    assert note_silence(post.database, at(220), 60) == []
    assert post.faults() == ()
    assert note_silence(post.database, at(900), 60) == []


def test_a_person_accepts_a_new_view(post: Post) -> None:
    post.send(USUAL, 15)
    post.send(ELSEWHERE, 10)
    assert post.faults() == (Fault.TURNED,)
    accept_view(post.database, at(post.second), "ridge", HOUSE)
    assert post.faults() == ()
    post.send(ELSEWHERE, 20)
    assert post.faults() == ()
    post.send(USUAL, 8)  # and now the old view is the wrong one
    assert post.faults() == (Fault.TURNED,)
    with post.database.read() as work:
        assert [entry.act.what for entry in work.audit.page()] == ["camera.view"]
    with pytest.raises(UnknownCamera):
        accept_view(post.database, at(0), "valley", HOUSE)


@pytest.mark.parametrize(
    "change", [{"azimuth_deg": 200.0}, {"privacy_masks": (((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),)}, {"mount": Mount.MOVING}]
)
def test_a_camera_that_was_changed_learns_anew(post: Post, change: dict[str, object]) -> None:
    post.send(USUAL, 15)
    post.send(ELSEWHERE, 10)
    change_camera(post.database, at(post.second), "ridge", change, lambda _: None)
    assert post.faults() == ()
    with post.database.read() as work:
        assert work.health.sight("ridge").views == {}


def test_what_a_camera_usually_sees_comes_back_as_it_went(post: Post) -> None:
    post.send(USUAL, 12)
    with post.database.read() as work:
        sight = work.health.sight("ridge")
    view = sight.views[" day"]
    assert view.looks == 12
    assert view.structure == pytest.approx(250)
    assert list(view.edges) == pytest.approx(list(USUAL.edges), abs=0.01)
    assert [finding.fault for finding in sight.findings] == [None] * 6


def test_what_a_view_does_not_show_is_kept_for_whoever_asks(post: Post) -> None:
    post.send(replace(USUAL, structure=40), 12)
    with post.database.read() as work:
        (known,) = healths(work, [work.cameras.pulse("ridge")], at(0), at(60))
    said = body(known, at(0), at(60))
    assert (said["state"], said["unjudged"]) == ("ok", ["blurred", "turned"])
    post.send(USUAL, 300)
    with post.database.read() as work:
        assert work.cameras.pulse("ridge").unjudged == ()


def test_frames_a_minute_are_counted(post: Post) -> None:
    start = 60 - NOON.second
    post.second = start
    post.send(USUAL, 24)
    with post.database.read() as work:
        pulse = work.cameras.pulse("ridge")
    assert frames_per_minute(pulse, at(start + 125)) == 12
    assert frames_per_minute(pulse, at(start + 1000)) == 0


def test_blind_time_counts_once_where_faults_overlap(post: Post) -> None:
    spells = [
        Spell("1", "ridge", Fault.SILENT, "", at(0), at(100)), Spell("2", "ridge", Fault.BLURRED, "", at(50), at(150)),
        Spell("3", "ridge", Fault.SKEWED, "", at(150), at(900)), Spell("4", "ridge", Fault.DARK, "", at(200), None),
    ]  # fmt: skip
    with post.database.begin() as work:
        for spell in spells:
            work.health.begin(spell)
        (known,) = healths(work, [work.cameras.pulse("ridge")], at(20), at(260))
    assert isinstance(known, CameraHealth)
    assert [spell.id for spell in known.spells] == ["1", "2", "3", "4"]
    assert known.blind_s(at(20), at(260)) == 130 + 60
    with post.database.read() as work:
        assert [spell.id for spell in work.health.between(at(101), at(101), ["ridge"])] == ["2"]
        assert work.health.between(at(0), at(1) + timedelta(days=1), ["valley"]) == []
