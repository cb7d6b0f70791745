"""Blind cameras, on the real service with its real decoder: named by the API, the metrics, the stream and the outside."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from balefire.vision.image import Rgb, to_jpeg
from balefire.vision.scenes import scene
from tests.receiver import SECRET, Receiver
from tests.serving import accessible
from tests.serving.browser import PASSWORD, seat
from tests.serving.service import Service, free_port, running

Effect = Callable[[Rgb], Rgb]
LOOK_S = 0.05


@lru_cache(maxsize=64)
def _hill(number: int) -> Rgb:
    """A rendered hillside on which nothing burns."""
    hill = _scene()
    return np.ascontiguousarray(hill.frame(float(number)))


@lru_cache(maxsize=1)
def _scene() -> Any:
    return scene("hillside", seed=3, starts_s=1e6)


def _soft(rgb: Rgb) -> Rgb:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), 12), np.uint8)


def _hand(rgb: Rgb) -> Rgb:
    return np.full_like(rgb, 90)


def _aside(rgb: Rgb) -> Rgb:
    return np.ascontiguousarray(rgb[:, ::-1])


def _white(rgb: Rgb) -> Rgb:
    return np.clip(rgb.astype(np.int32) * 4 + 150, 0, 255).astype(np.uint8)


def _black(rgb: Rgb) -> Rgb:
    return (rgb * 0.02).astype(np.uint8)


class Camera:
    """Sends frames as fast as they are looked at."""

    def __init__(self, client: httpx.Client, name: str, **facts: object) -> None:
        self.client, self.name, self.sent = client, name, 0
        client.post("/v1/cameras", json={"id": name, "name": name, **facts}).raise_for_status()

    def send(self, times: int, effect: Effect = lambda rgb: rgb) -> None:
        for _ in range(times):
            self.sent += 1
            picture = effect(_hill(self.sent % 12)).copy()
            picture[0, 0] = self.sent % 256  # no two frames have the same bytes
            self.client.post(f"/v1/cameras/{self.name}/frames", content=to_jpeg(picture)).raise_for_status()
            time.sleep(LOOK_S)

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/v1/cameras/{self.name}/health").raise_for_status().json()
        return found


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver(port=free_port()) as one:
        yield one


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("health")
    (folder / "secret").write_text(SECRET + "\n")
    config = folder / "service.toml"
    config.write_text(
        f'[notify]\nallow_networks = ["127.0.0.0/8"]\n[[notify.webhooks]]\nname = "hq"\nurl = "{receiver.url}"\n'
        f'secret_file = "{folder / "secret"}"\n'
    )
    with running(folder / "state", config=str(config), look_s=str(LOOK_S), silent_s="3") as one:
        yield one


@pytest.mark.parametrize(
    ("fault", "effect"),
    [("blurred", _soft), ("covered", _hand), ("turned", _aside), ("overexposed", _white), ("dark", _black)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_camera_that_does_not_see_says_so_and_recovers(service: Service, fault: str, effect: Effect) -> None:
    with service.client() as client:
        camera = Camera(client, f"cam-{fault}")
        camera.send(14)
        assert camera.health()["state"] == "ok"
        camera.send(8, effect)
        health = camera.health()
        assert health["state"] == fault
        assert health["reason"]
        assert health["faults"][0]["blinds"]
        assert health["faults"][0]["until"] is None
        assert health["blind_today_s"] > 0
        camera.send(6)
        health = camera.health()
        assert (health["state"], health["faults"]) == ("ok", [])
        (span,) = [one for one in health["spans"] if one["fault"] == fault]
        assert span["until"] is not None
        # Times are told to the millisecond, cut off: the end that is told lies just before it.
        then = client.get(f"/v1/cameras/{camera.name}/health", params={"at": span["until"]}).raise_for_status().json()
        assert [one["fault"] for one in then["faults"]] == [fault]
        listed = client.get("/v1/cameras/health").raise_for_status().json()["items"]
        assert next(one for one in listed if one["camera"] == camera.name)["spans"] == health["spans"]


def test_silence_reaches_the_stream_the_metrics_and_the_receiver(service: Service, receiver: Receiver) -> None:
    with service.client() as client:
        camera = Camera(client, "quiet")
        camera.send(3)
        with client.stream("GET", "/v1/stream", headers={"Last-Event-ID": "0"}, timeout=30) as stream:  # from the beginning
            told = _first_of(stream, "quiet")
        assert (told["type"], told["fault"], told["until"]) == ("new", "silent", None)
        assert camera.health()["state"] == "silent"
        faulty = client.get("/v1/cameras/health", params={"faulty": True}).raise_for_status().json()["items"]
        assert "quiet" in {one["camera"] for one in faulty}
        assert all(one["faults"] for one in faulty)
        _eventually(lambda: 'balefire_camera_fault{camera="quiet",fault="silent"} 1.0' in client.get("/metrics").text)
        _eventually(lambda: ("new", "silent") in _told_outside(receiver, "quiet"))
        camera.send(1)
        assert camera.health()["state"] == "ok"
        _eventually(lambda: ("end", "silent") in _told_outside(receiver, "quiet"))

        def well() -> bool:
            camera.send(1)  # else it falls silent again before the next round tells the metrics
            return 'balefire_camera_fault{camera="quiet",fault="silent"} 0.0' in client.get("/metrics").text

        _eventually(well)


def test_a_camera_that_was_turned_on_purpose_is_accepted(service: Service) -> None:
    with service.client() as client:
        camera = Camera(client, "moved")
        camera.send(14)
        camera.send(8, _aside)
        assert camera.health()["state"] == "turned"
        answer = client.post("/v1/cameras/moved/view").raise_for_status().json()
        assert answer["state"] == "ok"
        camera.send(16, _aside)
        assert camera.health()["state"] == "ok"
        viewer = service.key("read")
    with service.client(viewer) as client:
        assert client.post("/v1/cameras/moved/view").status_code == 403
        assert client.post("/v1/cameras/nowhere/view").status_code == 403
    with service.client() as client:
        assert client.post("/v1/cameras/nowhere/view").status_code == 404
        assert client.get("/v1/cameras/moved/health", params={"at": "yesterday"}).status_code == 422


def _first_of(stream: httpx.Response, camera: str) -> dict[str, Any]:
    kind = ""
    for line in stream.iter_lines():
        if line.startswith("event:"):
            kind = line.partition(":")[2].strip()
        if line.startswith("data:") and kind == "camera":
            body: dict[str, Any] = json.loads(line.partition(":")[2])
            if body["camera"] == camera:
                return body
    raise AssertionError("the stream ended")


def _told_outside(receiver: Receiver, camera: str) -> list[tuple[str, str]]:
    bodies = [body for body in receiver.accepted.values() if body["after"].get("camera") == camera]
    return [(body["type"], body["after"]["fault"]) for body in bodies]


def _eventually(holds: Callable[[], Any], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_command_line_shows_who_does_not_watch(service: Service) -> None:
    with service.client() as client:
        camera = Camera(client, "ridge")
        camera.send(14)
        camera.send(8, _soft)
    shown = service.cli("cameras", "status")
    assert "ridge" in shown
    assert " watch" in shown.splitlines()[-1]
    items = {one["camera"]: one for one in json.loads(service.cli("cameras", "status", "--json"))}
    assert "blurred" in {fault["fault"] for fault in items["ridge"]["faults"]}
    command = [sys.executable, "-m", "balefire", "cameras", "status", "--faulty"]
    done = subprocess.run(command, env=service.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "with a fault" in done.stdout


def test_the_command_line_asks_a_service_elsewhere(service: Service, tmp_path: Path) -> None:
    with service.client() as client:
        Camera(client, "coast").send(2)
    elsewhere = {**os.environ, "BALEFIRE_STATE": str(tmp_path), "COLUMNS": "200"}

    def ask(*options: str, key: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "balefire", "cameras", "status", *options]
        return subprocess.run(command, env={**elsewhere, "BALEFIRE_KEY": key}, capture_output=True, text=True, check=False)

    shown = ask("--server", service.url, key=service.key("read"))
    assert shown.returncode == 0, shown.stderr
    assert "coast" in shown.stdout
    there = json.loads(ask("--server", service.url, "--json", key=service.key("read")).stdout)
    here = json.loads(service.cli("cameras", "status", "--json"))
    assert {one["camera"] for one in there} == {one["camera"] for one in here}
    assert there[0].keys() == here[0].keys()
    assert list(tmp_path.iterdir()) == []  # no database is made for asking
    for options, key, words in (
        (("--server", service.url), "", "needs a key"),
        (("--server", service.url), "bf_wrong", "says 401"),
        (("--server", service.url), service.key("frames"), "says 403"),
        (("--server", f"http://127.0.0.1:{free_port()}"), "bf_any", "no balefire answers there"),
        (("--server", "not an address"), "bf_any", "no balefire answers there"),
    ):
        refused = ask(*options, key=key)
        assert refused.returncode == 2
        assert words in refused.stderr
        assert len(refused.stderr.strip().splitlines()) == 1


@pytest.mark.timeout(180)
def test_two_agents_on_one_camera_are_told_by_name(service: Service, tmp_path: Path) -> None:
    """Two real agents that know nothing of each other, as on two machines: each has a spool folder of its own."""
    with service.client() as client:
        camera = Camera(client, "shared")
        other = Camera(client, "other")
        with watching(service, "shared", tmp_path / "one"):
            _eventually(lambda: camera.health()["frames"] > 3)
            assert camera.health()["state"] == "ok"
            with watching(service, "shared", tmp_path / "two"):
                _eventually(lambda: "contested" in {one["fault"] for one in camera.health()["faults"]})
            health = camera.health()
        other.send(2)
        assert other.health()["state"] == "ok"
        (fault,) = [one for one in health["faults"] if one["fault"] == "contested"]
        assert re.fullmatch(r"2 agents send for it at once: \S+-\w{6}, \S+-\w{6}", fault["reason"])
        assert not fault["blinds"]
        _eventually(lambda: 'balefire_camera_fault{camera="shared",fault="contested"} 1.0' in client.get("/metrics").text)


@contextlib.contextmanager
def watching(service: Service, camera: str, cache: Path) -> Iterator[None]:
    """A real agent with a cache folder of its own."""
    command = [sys.executable, "-m", "balefire", "watch", "scene:hillside", "--camera", camera, "--server", service.url]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "BALEFIRE_KEY": service.key("frames")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


@pytest.mark.timeout(180)
def test_the_operator_sees_who_is_blind_and_accepts_a_view(service: Service, browser: Browser) -> None:
    with service.client() as client:
        client.post("/v1/users", json={"name": "lin", "role": "operator", "password": PASSWORD}).raise_for_status()
        camera = Camera(client, "aside")
        camera.send(14)
        with seat(browser, service) as lin:
            lin.open()
            lin.sign_in("lin", PASSWORD)
            lin.wait_for_live()
            camera.send(8, _aside)
            blind = lin.page.locator("#blind")
            expect(blind).to_be_visible()
            expect(blind).to_have_attribute("title", re.compile("aside: turned away"))
            assert accessible.faults(lin.page) == []
            blind.click()
            card = lin.page.locator(".eye", has=lin.page.get_by_role("heading", name="aside", exact=True))
            expect(card.locator(".state.turned")).to_be_visible()
            card.get_by_role("button", name="This view is right").click()
            expect(card.get_by_role("button", name="This view is right")).to_be_hidden()
            assert "turned" not in [fault["fault"] for fault in camera.health()["faults"]]
