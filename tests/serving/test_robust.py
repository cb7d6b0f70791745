"""Cameras as they are in a bad hour: silent by the hundred, far too fast, in reverse, an hour late, or twice at one moment."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.bench import kill
from tests.serving import pictures
from tests.serving.service import Service, running
from tests.side_by_side import side_by_side

SEEN = {"accepted", "late"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own: these tests leave a thousand cameras behind."""
    with running(tmp_path_factory.mktemp("robust") / "state", detectors="fire", silent_s="1", queue="8") as started:
        yield started


def post(service: Service, camera: str, picture: bytes, frame_id: str = "", at: datetime | None = None) -> httpx.Response:
    named = {"Frame-Id": frame_id} if frame_id else {}
    timed = {"Captured-At": at.isoformat()} if at else {}
    with service.client() as client:
        return client.post(f"/v1/cameras/{camera}/frames", content=picture, headers=named | timed)


def post_until_taken(service: Service, camera: str, picture: bytes, frame_id: str, at: datetime) -> dict[str, Any]:
    """As the camera agent does it: refused frames come again when they are told to."""
    for _ in range(60):
        answer = post(service, camera, picture, frame_id, at)
        if answer.status_code == httpx.codes.OK:
            return dict(answer.json())
        assert answer.status_code in (429, 503), answer.text
        time.sleep(int(answer.headers["Retry-After"]))
    raise AssertionError(f"{frame_id} was never taken")


def add(service: Service, *cameras: str) -> None:
    with service.client() as client:
        for camera in cameras:
            assert client.post("/v1/cameras", json={"id": camera}).status_code == 201


def health(service: Service, camera: str) -> dict[str, Any]:
    with service.client() as client:
        return dict(client.get(f"/v1/cameras/{camera}/health").json())


def test_a_thousand_cameras_of_which_999_are_silent(house: Service, tmp_path: Path) -> None:
    table = tmp_path / "cameras.csv"
    table.write_text("id,name,lon,lat\n" + "".join(f"many-{n},Camera {n},106.4,29.8\n" for n in range(1000)))
    house.cli("cameras", "import", str(table))
    said = [post(house, "many-500", pictures.noise(n)).json()["status"] for n in range(5)]
    assert said == ["accepted"] * 5
    with house.client() as client:
        page = client.get("/v1/cameras", params={"limit": 1000}).json()["items"]
    assert sum(camera["id"].startswith("many-") for camera in page) >= 990  # the page holds those of other tests too
    assert (health(house, "many-500")["frames"], health(house, "many-499")["frames"]) == (5, 0)


def test_a_camera_at_fifty_frames_a_second_takes_nobodys_turn(house: Service) -> None:
    """It gets 429 and says when; the other camera posts in peace, and each of its frames is looked at."""
    add(house, "hasty", "calm")
    hasty: list[httpx.Response] = []
    calm: list[httpx.Response] = []
    stop = threading.Event()

    def rush(lane: int) -> None:
        for number in range(50):
            hasty.append(post(house, "hasty", pictures.noise(number), f"{lane}-{number}"))

    def stroll() -> None:
        while not stop.is_set():
            calm.append(post(house, "calm", pictures.noise(len(calm))))

    strolling = threading.Thread(target=stroll)
    strolling.start()
    side_by_side(*(lambda lane=lane: rush(lane) for lane in range(4)))
    stop.set()
    strolling.join()
    assert {answer.status_code for answer in calm} == {200}
    assert {answer.json()["status"] for answer in calm} == {"accepted"}
    assert {answer.status_code for answer in hasty} <= {200, 429}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in hasty if answer.status_code == 429)
    statuses = Counter(answer.json()["status"] for answer in hasty if answer.status_code == 200)
    assert set(statuses) <= {"accepted", "late", "skipped", "frozen"}
    assert health(house, "hasty")["frames"] == statuses.total() - statuses["skipped"], "one row for each that was looked at"


def test_frames_in_reverse_are_one_event_from_its_first_to_its_last_moment(house: Service) -> None:
    add(house, "backwards")
    newest = datetime.now(UTC)
    times = [newest - timedelta(seconds=second) for second in range(10)]
    answers = [post(house, "backwards", pictures.fire(40 - n), at=at).json() for n, at in enumerate(times)]
    assert [answer["status"] for answer in answers] == ["accepted"] + ["late"] * 9
    named = {event["id"] for answer in answers for event in answer["events"] if event["hazard"] == "flame"}
    assert len(named) == 1
    with house.client() as client:
        event = client.get(f"/v1/events/{named.pop()}").json()
    started, seen = (datetime.fromisoformat(event[key]) for key in ("started_at", "last_seen_at"))
    shown = [at for at, answer in zip(times, answers, strict=True) if any(e["hazard"] == "flame" for e in answer["events"])]
    assert abs(started - min(shown)) < timedelta(milliseconds=2)
    assert abs(seen - max(shown)) < timedelta(milliseconds=2)


def test_a_backlog_of_an_hour_is_all_taken_while_live_frames_go_on(house: Service) -> None:
    """Sixty frames, one a minute, by twenty senders at once: more than the lane holds. None is skipped, none is lost."""
    add(house, "spooled")
    now = datetime.now(UTC)
    old: dict[int, str] = {}
    live: list[str] = []

    def send(first: int) -> None:
        for number in range(first, 60, 20):
            at = now - timedelta(minutes=60 - number)
            old[number] = post_until_taken(house, "spooled", pictures.noise(number), f"old-{number}", at)["status"]

    def go_on() -> None:
        while len(old) < 60:
            live.append(post_until_taken(house, "live-beside", pictures.noise(len(live)), "", datetime.now(UTC))["status"])

    add(house, "live-beside")
    beside = threading.Thread(target=go_on)
    beside.start()
    side_by_side(*(lambda first=first: send(first) for first in range(20)))
    beside.join()
    assert sorted(old) == list(range(60))
    assert set(old.values()) <= SEEN
    assert set(live) == {"accepted"}
    assert health(house, "spooled")["frames"] == 60
    assert post(house, "spooled", pictures.noise(99)).json()["status"] == "accepted", "the newest is not held for late"


def test_two_frames_of_one_camera_at_the_same_moment(house: Service) -> None:
    """Ten times over: both are answered, what was looked at has one row each, and one fire stays one event."""
    add(house, "twice")
    answers: list[dict[str, Any]] = []
    for moment in range(10):
        at = datetime.now(UTC)

        def send(lane: int, moment: int = moment, at: datetime = at) -> None:
            answers.append(post(house, "twice", pictures.fire(30 + 2 * moment + lane), f"{moment}-{lane}", at).json())

        side_by_side(lambda: send(0), lambda: send(1))
    statuses = Counter(answer["status"] for answer in answers)
    assert set(statuses) <= {"accepted", "skipped"}
    assert health(house, "twice")["frames"] == statuses["accepted"] >= 10
    flames = {event["id"] for answer in answers for event in answer["events"] if event["hazard"] == "flame"}
    assert len(flames) == 1


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_an_hour_and_back_blinds_no_camera(house: Service, hours: int) -> None:
    """Every frame is looked at, what is off is shown, and one fire stays one event; a clock ahead dates nothing ahead.

    An hour behind looks like a backlog at first: those frames count at the time that they say.
    """
    camera, begun = f"jumps-{'ahead' if hours > 0 else 'behind'}", datetime.now(UTC)
    add(house, camera)
    answers: list[dict[str, Any]] = []
    shown_h: list[int] = []
    for jump in (timedelta(), timedelta(hours=hours), timedelta()):
        for _ in range(8):
            time.sleep(0.25)  # as a camera sends: what comes faster and an hour late is a backlog, no wrong clock
            number = len(answers)
            at = datetime.now(UTC) + jump
            answers.append(post_until_taken(house, camera, pictures.fire(30 + number), f"f{number}", at))
        shown_h.append(round(health(house, camera)["clock_skew"] / 3600))
    assert shown_h == [0, hours, 0]
    assert {answer["status"] for answer in answers} <= SEEN
    assert health(house, camera)["frames"] == len(answers)
    assert [answer["status"] for answer in answers[-8:]] == ["accepted"] * 8
    last = {event["id"] for event in answers[-1]["events"] if event["hazard"] == "flame"}
    assert last == {event["id"] for event in answers[7]["events"] if event["hazard"] == "flame"} != set()
    with house.client() as client:
        event = client.get(f"/v1/events/{last.pop()}").json()
    assert begun + timedelta(hours=min(0, hours), seconds=-1) <= datetime.fromisoformat(event["started_at"])
    assert datetime.fromisoformat(event["last_seen_at"]) <= datetime.now(UTC) + timedelta(seconds=1)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_by_kills() -> None:
    """The short version of `balefire bench --kill 20`."""
    found = kill.rounds(kills=3)
    assert found.frames > 5
    assert found.events > 0
    assert found.sound, found
