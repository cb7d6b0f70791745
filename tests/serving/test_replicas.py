"""Two services on one database and one frame store are one house: on PostgreSQL, and on one machine on SQLite too."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests import postgres
from tests.receiver import SECRET, Receiver
from tests.serving import pictures
from tests.serving.service import Service, begun, launch, wait_until_ready
from tests.side_by_side import side_by_side

SILENT_S = 2
LANES = 3  # senders of each service while one is killed


@dataclass(slots=True)
class Pair:
    one: Service
    other: Service
    database_url: str
    receiver: Receiver

    def count(self, query: str, **values: Any) -> int:
        """Of the database itself: what no service could hide."""
        engine = create_engine(self.database_url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            found = int(connection.execute(text(query), values).scalar_one())
        engine.dispose()
        return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both start at one moment on a database that is empty."""
    folder = tmp_path_factory.mktemp("replicas")
    on_postgres = request.param == "postgresql"
    server = request.getfixturevalue("postgres_server") if on_postgres else ""
    url = postgres.new_database(server) if on_postgres else f"sqlite:///{folder / 'shared.sqlite'}"
    with Receiver() as receiver:
        (folder / "secret").write_text(SECRET + "\n")
        (folder / "service.toml").write_text(
            f'[notify]\nallow_networks = ["127.0.0.0/8"]\n[[notify.webhooks]]\nname = "hq"\nurl = "{receiver.url}"\n'
            f'secret_file = "{folder / "secret"}"\n'
        )
        shared = {
            "database_url": url, "frames_url": str(folder / "frames"), "config": str(folder / "service.toml"),
            "detectors": "fire", "silent_s": str(SILENT_S), "frames_per_second": "1000",
        }  # fmt: skip
        both = [begun(folder / name, **shared) for name in ("one", "other")]
        try:
            for service in both:
                wait_until_ready(service)
            yield Pair(both[0], both[1], url, receiver)
        finally:
            for service in both:
                if service.process.poll() is None:
                    service.stop()


def add(pair: Pair, camera: str) -> None:
    with pair.one.client() as client:
        assert client.post("/v1/cameras", json={"id": camera, "detectors": ["fire"]}).status_code == 201


def post(service: Service, camera: str, picture: bytes, frame_id: str) -> httpx.Response:
    with service.client() as client:
        return client.post(f"/v1/cameras/{camera}/frames", content=picture, headers={"Frame-Id": frame_id})


def rows(pair: Pair, camera: str) -> int:
    return pair.count("SELECT count(*) FROM frames WHERE camera = :camera", camera=camera)


def eventually(holds: Callable[[], Any], timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def said(pair: Pair, words: str) -> list[int]:
    """How many times each of the two has logged the words."""
    return [service.log.read_text().count(words) for service in (pair.one, pair.other)]


def raise_event(pair: Pair, camera: str, services: tuple[Service, ...]) -> str:
    """A rendered fire, its frames to each of the services in turn; the id of the event."""
    for number, second in enumerate(range(20, 60)):
        answer = post(services[number % len(services)], camera, pictures.fire(second), f"fire-{second}")
        raised = [event["id"] for event in answer.raise_for_status().json()["events"] if event["change"] == "raised"]
        if raised:
            return str(raised[0])
    raise AssertionError("nothing was raised")


def test_both_start_at_once_on_an_empty_database(pair: Pair) -> None:
    assert pair.count("SELECT count(*) FROM alembic_version") == 1
    for service in (pair.one, pair.other):
        assert "Traceback" not in service.log.read_text()
        with service.client(pair.one.admin_key) as client:  # a key of one opens the other
            assert client.get("/v1/cameras").status_code == 200


def test_frames_of_one_camera_to_both_in_turn(pair: Pair) -> None:
    add(pair, "in-turn")
    services = (pair.one, pair.other)
    said = [post(services[n % 2], "in-turn", pictures.noise(n), f"f{n}").json()["status"] for n in range(12)]
    assert said == ["accepted"] * 12
    assert rows(pair, "in-turn") == 12


def test_two_frames_of_one_camera_to_both_at_one_moment(pair: Pair) -> None:
    """Each service holds a queue of its own, so none gives way; the camera is still observed one frame at a time."""
    add(pair, "at-once")
    said: list[str] = []
    for n in range(8):

        def send(service: Service, lane: int, n: int = n) -> None:
            said.append(post(service, "at-once", pictures.fire(30 + 2 * n + lane), f"{n}-{lane}").json()["status"])

        side_by_side(lambda: send(pair.one, 0), lambda: send(pair.other, 1))
    assert set(said) <= {"accepted", "late"}
    assert rows(pair, "at-once") == len(said) == 16
    open_flames = "SELECT count(*) FROM events WHERE camera = 'at-once' AND hazard = 'flame' AND state <> 'closed'"
    assert pair.count(open_flames) == 1


def test_the_same_frame_to_both_at_one_moment_is_one_row_and_one_answer(pair: Pair) -> None:
    add(pair, "same")
    for n in range(8):
        answers: list[httpx.Response] = []

        def send(service: Service, n: int = n, answers: list[httpx.Response] = answers) -> None:
            answers.append(post(service, "same", pictures.fire(30 + n), f"same-{n}"))

        side_by_side(lambda: send(pair.one), lambda: send(pair.other))
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].content == answers[1].content
        assert sorted(answer.headers.get("Frame-Repeated", "") for answer in answers) == ["", "true"]
    assert rows(pair, "same") == 8


def test_what_one_raises_and_decides_the_other_shows(pair: Pair) -> None:
    add(pair, "shared")
    with pair.other.client() as client:
        event = raise_event(pair, "shared", (pair.one,))
        assert event in {item["id"] for item in client.get("/v1/events", params={"limit": 200}).json()["items"]}
        with client.stream("GET", "/v1/stream", headers={"Last-Event-ID": "0"}, timeout=20) as stream:
            told = next(line for line in stream.iter_lines() if line.startswith("data:") and event in line)
        assert '"raised"' in told
        picture = client.get(f"/v1/events/{event}/frames/0.jpg")
        assert picture.headers["content-type"] == "image/jpeg"
    with pair.one.client() as client:
        review = {"verdict": "false", "reason": "barbecue"}
        client.post(f"/v1/events/{event}/reviews", json=review).raise_for_status()
    with pair.other.client() as client:
        assert client.get(f"/v1/events/{event}").json()["verdict"] == "false"


def test_an_open_stream_of_one_hears_the_other(pair: Pair) -> None:
    add(pair, "heard")
    here, heard = threading.Event(), threading.Event()

    def listen() -> None:
        with pair.other.client() as client, client.stream("GET", "/v1/stream", timeout=60) as stream:
            for line in stream.iter_lines():
                here.set()
                if line.startswith("data:") and '"heard"' in line:
                    heard.set()
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert here.wait(10)
    raise_event(pair, "heard", (pair.one,))
    assert heard.wait(20)


def test_an_event_of_frames_to_both_is_told_outside_once(pair: Pair) -> None:
    add(pair, "told")
    event = raise_event(pair, "told", (pair.one, pair.other))
    eventually(lambda: any(body["after"]["id"] == event for body in pair.receiver.accepted.values()))
    eventually(lambda: pair.count("SELECT count(*) FROM outbox WHERE state = 'pending'") == 0)
    assert [n for n, times in Counter(pair.receiver.tries).items() if times > 1] == [], "each was sent by one of the two"


def test_silence_is_told_once_and_one_of_the_two_keeps_the_house(pair: Pair) -> None:
    add(pair, "quiet")
    post(pair.one, "quiet", pictures.noise(1), "last")
    query = "SELECT count(*) FROM changes WHERE kind = 'camera' AND subject = 'quiet' AND body LIKE '%silent%'"
    eventually(lambda: any(said(pair, "camera quiet is silent")))  # the row stands before the line is written
    assert sorted(said(pair, "camera quiet is silent")) == [0, 1]
    assert pair.count(query) == 1
    eventually(lambda: any(said(pair, "purged:")))
    assert sorted(said(pair, "purged:")) == [0, 1]


@pytest.mark.slow
def test_a_kill_of_one_loses_and_doubles_nothing(pair: Pair) -> None:
    """Whoever keeps the house is killed while both take frames. Its senders go to the other, as behind a proxy."""
    add(pair, "killed")
    eventually(lambda: any(said(pair, "purged:")))
    killed, kept = (pair.one, pair.other) if said(pair, "purged:")[0] else (pair.other, pair.one)
    gone, stop = threading.Event(), threading.Event()
    answered: dict[str, bytes] = {}
    refused: list[str] = []
    faults: list[str] = []

    def lane(first: Service, name: str) -> None:
        number, service = 0, first
        while not stop.is_set():
            frame_id = f"{name}-{number}"
            try:
                answer = post(service, "killed", pictures.fire(30 + number % 8), frame_id)
            except httpx.TransportError:
                if service is kept or not gone.wait(10):
                    faults.append(f"{frame_id}: no answer")
                    return
                service = kept  # the same frame again
                continue
            if answer.status_code in (429, 503):  # nothing was taken: the same frame again, when it says
                refused.append(f"{frame_id}: {answer.text}")
                stop.wait(int(answer.headers["Retry-After"]))
                continue
            if answer.status_code == 200:
                answered[frame_id] = answer.content
            else:
                faults.append(f"{frame_id}: {answer.status_code}")
            number += 1

    for second in range(30, 38):
        pictures.fire(second)  # rendered before, or the senders would wait for that
    names = [(service, f"{index}-{n}") for index, service in enumerate((killed, kept)) for n in range(LANES)]
    senders = [threading.Thread(target=lane, args=one) for one in names]
    for sender in senders:
        sender.start()
    eventually(lambda: len([name for name in answered if name.startswith("0-")]) >= LANES)
    os.killpg(killed.process.pid, signal.SIGKILL)
    killed.process.wait()
    before = len(answered)
    gone.set()
    eventually(lambda: len(answered) >= before + 12 or faults)
    stop.set()
    for sender in senders:
        sender.join()
    assert not faults
    assert rows(pair, "killed") == len(answered), "each acknowledged frame is one row, and nothing else is"
    for frame_id, body in answered.items():
        again = post(kept, "killed", pictures.noise(), frame_id)
        assert (again.headers.get("Frame-Repeated"), again.content) == ("true", body), frame_id
    same = "SELECT count(*) FROM events WHERE camera = 'killed' AND hazard = 'flame' AND state <> 'closed'"
    assert pair.count(same) == 1
    eventually(lambda: "purged:" in kept.log.read_text())  # it keeps the house from now on
    killed.process = launch(killed.environment, killed.log)
    wait_until_ready(killed)
    assert post(killed, "killed", pictures.noise(99), "back").status_code == 200
