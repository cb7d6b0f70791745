"""A camera's frames, from the first picture to a decided event, through the real service and the released bundle."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bentoml
import httpx
import pytest

from balefire.vision.headers import read_header
from tests.serving import pictures
from tests.serving.service import Service


@contextlib.contextmanager
def _camera(service: Service, camera_id: str, /, **fields: Any) -> Iterator[httpx.Client]:
    """A client of a service that has this camera."""
    with service.client() as client:
        assert client.post("/v1/cameras", json={"id": camera_id, **fields}).status_code == 201
        yield client


def _post(client: httpx.Client, camera: str, picture: bytes, frame_id: str = "", at: datetime | None = None) -> Any:
    headers = {"Content-Type": "image/jpeg"}
    if frame_id:
        headers["Frame-Id"] = frame_id
    if at:
        headers["Captured-At"] = at.isoformat()
    answer = client.post(f"/v1/cameras/{camera}/frames", content=picture, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def raised(service: Service) -> str:
    """A camera that saw a fire start; the raised event's id."""
    with _camera(service, "fire-1", name="Street") as client:
        start = datetime.now(UTC) - timedelta(seconds=20)
        for second in range(10):
            answer = _post(client, "fire-1", pictures.fire(30 + second), at=start + timedelta(seconds=second))
            for event in answer["events"]:
                if event["change"] == "raised":
                    return str(event["id"])
    raise AssertionError("the released detector did not raise the rendered fire")


def test_a_fire_is_raised_with_its_reason(service: Service, raised: str) -> None:
    with service.client() as client:
        event = client.get(f"/v1/events/{raised}").json()
        assert (event["camera"], event["state"]) == ("fire-1", "raised")
        assert " sightings in " in event["reason"]
        frames = event["frames"]
        assert len(frames) >= 2  # one alone never raises
        assert any(frame["sightings"] for frame in frames)
        picture = client.get(frames[0]["picture"])
        assert picture.headers["content-type"] == "image/jpeg"
        assert read_header(picture.content).width == 1280
        listed = client.get("/v1/events", params={"raised": True, "reviewed": False, "camera": "fire-1"}).json()
        assert raised in [item["id"] for item in listed["items"]]
        clip = client.get(f"/v1/events/{raised}/clip.mp4")
        assert clip.headers["content-type"] == "video/mp4"
        assert clip.content[4:8] == b"ftyp"


def test_a_review_is_appended_and_told(service: Service, raised: str) -> None:
    with service.client() as client:
        first = client.post(f"/v1/events/{raised}/reviews", json={"verdict": "unsure", "reason": "fog"})
        assert (first.status_code, first.json()["verdict"]) == (201, "unsure")
        frame = client.get(f"/v1/events/{raised}").json()["frames"][0]["id"]
        box = {"frame": frame, "hazard": "flame", "box": [0.1, 0.1, 0.2, 0.2]}
        again = client.post(f"/v1/events/{raised}/reviews", json={"verdict": "real", "boxes": [box]}).json()
        assert again["verdict"] == "real"
        assert [review["verdict"] for review in again["reviews"]] == ["unsure", "real"]
        assert again["reviews"][-1]["by"] == "key administrator"
        for body in ({"verdict": "maybe"}, {"verdict": "false", "reason": "a lamp, I think"},
                     {"verdict": "real", "boxes": [{**box, "frame": "nope"}]},
                     {"verdict": "real", "boxes": [{**box, "box": [0.5, 0.5, 1.5, 0.6]}]}):  # fmt: skip
            assert client.post(f"/v1/events/{raised}/reviews", json=body).status_code == 422
        assert client.post("/v1/events/nope/reviews", json={"verdict": "real"}).status_code == 404


def test_the_same_frame_twice_is_one_row(service: Service) -> None:
    with _camera(service, "repeat") as client:
        first = client.post("/v1/cameras/repeat/frames", content=pictures.noise(1), headers={"Frame-Id": "a"})
        again = client.post("/v1/cameras/repeat/frames", content=pictures.noise(2), headers={"Frame-Id": "a"})
        assert again.text == first.text
        assert (again.headers["frame-repeated"], "frame-repeated" in first.headers) == ("true", False)
        assert client.get("/v1/cameras/repeat/health").json()["frames"] == 1


def test_the_same_frame_at_the_same_moment_is_one_row(service: Service) -> None:
    with _camera(service, "race") as client:
        answers: list[httpx.Response] = []

        def post() -> None:
            answers.append(client.post("/v1/cameras/race/frames", content=pictures.noise(3), headers={"Frame-Id": "a"}))

        threads = [threading.Thread(target=post) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.json()["status"] for answer in answers} == {"accepted"}
        assert client.get("/v1/cameras/race/health").json()["frames"] == 1


def test_the_same_picture_again_is_frozen(service: Service) -> None:
    with _camera(service, "still") as client:
        assert _post(client, "still", pictures.noise(1))["status"] == "accepted"
        assert _post(client, "still", pictures.noise(1))["status"] == "frozen"
        assert _post(client, "still", pictures.noise(2))["status"] == "accepted"


def test_a_late_frame_is_used_by_its_own_time(service: Service) -> None:
    now = datetime.now(UTC)
    with _camera(service, "late") as client:
        _post(client, "late", pictures.noise(1), at=now)
        assert _post(client, "late", pictures.noise(2), at=now - timedelta(seconds=3))["status"] == "late"


def test_a_clock_an_hour_ahead_blinds_nobody(service: Service) -> None:
    with _camera(service, "ahead") as client:
        for second in range(3):
            at = datetime.now(UTC) + timedelta(hours=1)
            assert _post(client, "ahead", pictures.noise(second), at=at)["status"] == "accepted"
        health = client.get("/v1/cameras/ahead/health").json()
        assert health["clock_skew"] == pytest.approx(3600, abs=5)
        assert health["state"] == "skewed"
        captured = datetime.fromisoformat(health["last_captured_at"])
        assert abs((captured - datetime.now(UTC)).total_seconds()) < 10


def test_a_camera_that_posts_too_fast_is_told_when_to_come_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.serving.service import running

    with running(tmp_path_factory.mktemp("fast") / "state", frames_per_second="2") as slow, _camera(slow, "fast") as client:
        answers = [client.post("/v1/cameras/fast/frames", content=pictures.noise(n)) for n in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1


def test_privacy_masks_are_black_before_anything_is_stored(service: Service) -> None:
    import numpy as np

    from balefire.vision.image import decode

    mask = [[[0.0, 0.0], [1.0, 0.0], [1.0, 0.25], [0.0, 0.25]]]
    with _camera(service, "masked", privacy_masks=mask) as client:
        _post(client, "masked", pictures.fire(30))
    stored = sorted((service.state / "frames" / "masked").rglob("*.jpg"))
    assert len(stored) == 1
    data = stored[0].read_bytes()
    rgb = decode(data, read_header(data))
    assert np.mean(rgb[: rgb.shape[0] // 4 - 8]) < 4
    assert np.mean(rgb[rgb.shape[0] // 2 :]) > 4


def test_detect_draws_when_a_picture_is_wanted(service: Service) -> None:
    with service.client() as client:
        answer = client.post("/v1/detect", content=pictures.fire(40), headers={"Accept": "image/jpeg"})
        assert answer.headers["content-type"] == "image/jpeg"
        assert read_header(answer.content).width == 1280
        body = client.post("/v1/detect", content=pictures.fire(40), params={"min_confidence": 0.05}).json()
        assert set(body["timing_ms"]) == {"decode", "infer", "total"}
        assert {"class", "hazard", "confidence", "box", "bundle"} == set(body["detections"][0])
        assert client.post("/v1/detect", content=pictures.fire(40), params={"detectors": "unicorn"}).status_code == 422
        assert client.post("/v1/detect", content=pictures.fire(40), params={"min_confidence": 7}).status_code == 422


def test_bentomls_own_client_works(service: Service, tmp_path_factory: pytest.TempPathFactory) -> None:
    picture = tmp_path_factory.mktemp("client") / "fire.jpg"
    picture.write_bytes(pictures.fire(40))
    with bentoml.SyncHTTPClient(service.url, token=service.admin_key) as client:
        answer = client.detect(image=picture)
    with service.client() as plain:
        same = plain.post("/v1/detect", content=picture.read_bytes()).json()
    assert answer["detections"] == same["detections"]


def test_the_stream_tells_and_resumes(service: Service) -> None:
    with _camera(service, "stream") as client:
        first = client.get("/v1/events", params={"limit": 1}).json()["items"]
        assert first
        event_id = first[0]["id"]
        seen: list[tuple[str, str, str]] = []
        heard = threading.Event()

        def listen() -> None:
            with client.stream("GET", "/v1/stream", timeout=20) as stream:
                assert stream.headers["content-type"].startswith("text/event-stream")
                for item in _items(stream):
                    if item is None:
                        heard.set()
                    else:
                        seen.append(item)
                        return

        listener = threading.Thread(target=listen)
        listener.start()
        assert heard.wait(5)  # the first byte comes at once
        client.post(f"/v1/events/{event_id}/reviews", json={"verdict": "false", "reason": "street_lamp"})
        listener.join(timeout=10)
        (number, kind, data) = seen[0]
        assert kind == "event"
        assert json.loads(data)["verdict"] == "false"
        before = {"Last-Event-ID": str(int(number) - 1)}
        with client.stream("GET", "/v1/stream", headers=before, timeout=10) as stream:
            again = next(item for item in _items(stream) if item)
        assert again == seen[0]
        assert client.get("/v1/stream", headers={"Last-Event-ID": "abc"}).status_code == 422


def _items(stream: httpx.Response) -> Any:
    """(id, event, data) of each item; None for a comment."""
    fields: dict[str, str] = {}
    for line in stream.iter_lines():
        name, _, value = line.partition(":")
        if line.startswith(":"):
            yield None
        elif line:
            fields[name] = value.strip()
        elif fields:
            yield fields.get("id", ""), fields.get("event", ""), fields.get("data", "")
            fields = {}


def test_metrics_have_the_contracts_names(service: Service, raised: str) -> None:
    with service.client() as client:
        text = client.get("/metrics").text
    for name in ("balefire_frames_total{", "balefire_frame_seconds_bucket{", "balefire_queue_depth", "balefire_events_total{",
                 "balefire_camera_last_frame_timestamp_seconds{", "balefire_store_bytes"):  # fmt: skip
        assert name in text, name


def test_cameras_page_and_change(service: Service) -> None:
    with _camera(service, "change-me", position={"lon": 106.4, "lat": 29.8}) as client:
        changed = client.patch("/v1/cameras/change-me", json={"name": "New name", "azimuth_deg": 12}).json()
        assert (changed["name"], changed["azimuth_deg"], changed["position"]["lon"]) == ("New name", 12, 106.4)
        assert client.patch("/v1/cameras/nowhere", json={"name": "x"}).status_code == 404
        page = client.get("/v1/cameras", params={"limit": 1}).json()
        assert len(page["items"]) == 1
        assert page["next"] == page["items"][0]["id"]
        assert client.get("/v1/bundles").json()["items"][0]["name"]


def test_a_flying_camera_says_where_it_is(service: Service) -> None:
    with _camera(service, "drone-1", mount="moving") as client:
        start = datetime.now(UTC) - timedelta(seconds=20)
        for second in range(6):
            headers = {
                "Captured-At": (start + timedelta(seconds=second)).isoformat(), "Camera-Azimuth": str(350 + 5 * second),
                "Camera-Position": f"106.4{second},29.8,250",
            }  # fmt: skip
            sent = client.post("/v1/cameras/drone-1/frames", content=pictures.fire(30 + second), headers=headers)
            assert sent.status_code == 200, sent.text
        (event, *_) = client.get("/v1/events", params={"camera": "drone-1", "raised": "true"}).json()["items"]
        assert event["position"]["alt_m"] == 250
        assert 0 <= event["azimuth_deg"] < 20 or event["azimuth_deg"] >= 350
        for wrong in ({"Camera-Azimuth": "north"}, {"Camera-Azimuth": "nan"}, {"Camera-Position": "106.4"},
                      {"Camera-Position": "29.8,106.4"}, {"Camera-Position": "inf,0"},
                      {"Camera-Position": ""}, {"Camera-Azimuth": ""}):  # fmt: skip
            refused = client.post("/v1/cameras/drone-1/frames", content=pictures.fire(36), headers=wrong)
            assert (refused.status_code, refused.json()["code"]) == (422, "bad_input"), wrong


def test_a_turning_camera_says_its_preset_and_why_tells_its_story(service: Service, tmp_path: Path) -> None:
    with _camera(service, "fire-turning", mount="turning") as client:
        start = datetime.now(UTC) - timedelta(seconds=20)
        for second in range(6):
            headers = {"Captured-At": (start + timedelta(seconds=second)).isoformat(), "Camera-Preset": f"p{second // 5}"}
            sent = client.post("/v1/cameras/fire-turning/frames", content=pictures.fire(30 + second), headers=headers)
            assert sent.status_code == 200, sent.text
        events = client.get("/v1/events", params={"camera": "fire-turning", "raised": "true"}).json()["items"]
        assert {event["preset"] for event in events} == {"p0"}
        long = client.post("/v1/cameras/fire-turning/frames", content=pictures.fire(40), headers={"Camera-Preset": "x" * 64})
        assert (long.status_code, long.json()["code"]) == (422, "bad_input")
    said = service.cli("why", events[0]["id"], "--state", str(service.state), "-o", str(tmp_path / "why.png"))
    assert events[0]["reason"] in said
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")
