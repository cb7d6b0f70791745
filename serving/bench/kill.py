"""`kill -9` under load, again and again: no frame or event that was acknowledged is lost, and none is there twice."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import threading
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from balefire.domain.geometry import Box
from balefire.vision.image import to_jpeg
from balefire.vision.scenes import scene
from serving.bench.report import Row, console
from serving.bench.service import Service, running

CAMERAS = 4
SAME_IOU = 0.7
LEAST_S, MOST_S = 0.5, 3.0  # under load until the kill


@dataclass(slots=True)
class Told:
    """What the service acknowledged: (camera, frame id) → the answer's body; ids of events it named."""

    frames: dict[tuple[str, str], bytes] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)  # id → camera
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Found:
    """frames_lost: acknowledged ones that are new to it; frames_changed: that get another answer than before."""

    kills: int
    frames: int
    events: int
    frames_lost: int
    frames_changed: int
    events_lost: int
    events_doubled: int

    @property
    def sound(self) -> bool:
        return not (self.frames_lost or self.frames_changed or self.events_lost or self.events_doubled)


def run(kills: int, seed: int = 1) -> dict[str, Row]:
    found = rounds(kills, seed)
    return {
        "kill_rounds": Row(found.kills, f"kills; {found.frames} frames and {found.events} events were acknowledged"),
        "kill_frames_lost": Row(found.frames_lost, "acknowledged frames lost", "<= 0"),
        "kill_frames_changed": Row(found.frames_changed, "that get another answer than before", "<= 0"),
        "kill_events_lost": Row(found.events_lost, "acknowledged events lost", "<= 0"),
        "kill_events_doubled": Row(found.events_doubled, "events that are there twice", "<= 0"),
    }


def rounds(kills: int, seed: int = 1) -> Found:
    """Kill a loaded service `kills` times, start it again each time, and ask for everything it acknowledged."""
    chance, told = random.Random(seed), Told()
    pictures = _fire()
    with running(detectors="fire", frames_per_second="10000", runtime="onnxruntime") as service:
        for number in range(CAMERAS):
            service.add_camera(f"kill-{number}", detectors=["fire"])
        for number in range(kills):
            _load_and_kill(service, pictures, told, number, chance.uniform(LEAST_S, MOST_S))
            service.start()
            console.print(f"kill {number + 1} of {kills}: {len(told.frames)} frames, {len(told.events)} events acknowledged")
        lost = changed = 0
        with contextlib.closing(service.connect()) as connection:
            for (camera, frame_id), body in told.frames.items():
                _, again, repeated = _post(connection, service.key, camera, frame_id, pictures[0])
                lost += not repeated
                changed += repeated and again != body
        events_lost = sum(service.ask("GET", f"/v1/events/{event}")[0] != http.HTTPStatus.OK for event in told.events)
        return Found(kills, len(told.frames), len(told.events), lost, changed, events_lost, _doubled(service))


def _load_and_kill(service: Service, pictures: list[bytes], told: Told, number: int, seconds: float) -> None:
    stop = threading.Event()

    def post(camera: str, lane: int) -> None:
        key, count = service.key, 0
        with contextlib.closing(service.connect()) as connection, contextlib.suppress(OSError, http.client.HTTPException):
            while not stop.is_set():
                frame_id = f"r{number}-l{lane}-{count}"
                status, body, _ = _post(connection, key, camera, frame_id, pictures[count % len(pictures)])
                if status == http.HTTPStatus.OK:
                    with told.lock:
                        told.frames[camera, frame_id] = body
                        told.events.update({event["id"]: camera for event in json.loads(body)["events"]})
                count += 1

    threads = [threading.Thread(target=post, args=(f"kill-{index % CAMERAS}", index)) for index in range(CAMERAS * 2)]
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    service.kill()
    stop.set()
    for thread in threads:
        thread.join()


def _post(
    connection: http.client.HTTPConnection, key: str, camera: str, frame_id: str, picture: bytes
) -> tuple[int, bytes, bool]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "image/jpeg", "Frame-Id": frame_id}
    connection.request("POST", f"/v1/cameras/{camera}/frames", picture, headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers.get("Frame-Repeated") == "true"


def _doubled(service: Service) -> int:
    """Open events of one camera and hazard at the same place: the same thing, told twice."""
    events: list[dict[str, Any]] = []
    after = ""
    while True:
        _, page = service.ask("GET", f"/v1/events?limit=200{after}")
        events += [one for one in page["items"] if one["state"] in ("candidate", "raised", "standing")]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    return sum(_same(one, other) for one, other in combinations(events, 2))


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    alike = (one["camera"], one["hazard"]) == (other["camera"], other["hazard"])
    return alike and Box(*one["best"]["box"]).iou(Box(*other["best"]["box"])) >= SAME_IOU


def _fire() -> list[bytes]:
    street = scene("street", seed=1, starts_s=0.0)
    return [to_jpeg(street.frame(30.0 + second)) for second in range(8)]
