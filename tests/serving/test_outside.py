"""The real service tells a real receiver and a real broker: down at the start, killed, started again; and is killed itself."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.mosquitto import PASSWORD, USER, Mosquitto
from tests.receiver import SECRET, Receiver
from tests.serving import pictures
from tests.serving.service import Service, free_port, launch, running

ALLOWED = 'allow_networks = ["127.0.0.0/8"]\n'


def _config(tmp_path: Path, notify: str) -> str:
    (tmp_path / "secret").write_text(SECRET + "\n")
    path = tmp_path / "service.toml"
    path.write_text(f"[notify]\n{notify}")
    return str(path)


def _webhook(tmp_path: Path, url: str) -> str:
    return f'[[notify.webhooks]]\nname = "hq"\nurl = "{url}"\nsecret_file = "{tmp_path / "secret"}"\n'


def _raise_event(service: Service, camera: str = "street") -> str:
    """Frames of a rendered fire until an event is raised; its id."""
    with service.client() as client:
        client.post("/v1/cameras", json={"id": camera, "name": camera, "detectors": ["fire"]}).raise_for_status()
        for second in range(20, 60):
            answer = client.post(f"/v1/cameras/{camera}/frames", content=pictures.fire(second)).raise_for_status().json()
            raised = [event["id"] for event in answer["events"] if event["change"] == "raised"]
            if raised:
                return str(raised[0])
    raise AssertionError("nothing was raised")


def _of(receiver: Receiver, event: str) -> list[str]:
    return [body["type"] for body in receiver.accepted.values() if body["after"]["id"] == event]


def _eventually(holds: Callable[[], Any], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.timeout(300)
def test_a_receiver_that_is_down_at_the_start_hears_of_it_later(tmp_path: Path) -> None:
    receiver = Receiver(port=free_port())
    with running(tmp_path / "state", config=_config(tmp_path, ALLOWED + _webhook(tmp_path, receiver.url))) as service:
        first = _raise_event(service)
        _eventually(lambda: "Connect" in service.cli("notifications", "list", "--only", "pending", "--limit", "1"))
        with receiver:
            receiver.wait_for(1)
        with service.client() as client:
            client.post(f"/v1/events/{first}/reviews", json={"verdict": "real"}).raise_for_status()
        with receiver:  # again, on the same port
            _eventually(lambda: _of(receiver, first)[:2] == ["new", "update"])
            assert "delivered" in service.cli("notifications", "list", "--only", "delivered")
            before = len(receiver.tries)
            assert "was delivered" in service.cli("notifications", "replay", "1")
            _eventually(lambda: receiver.tries.count(receiver.tries[0]) >= 2 and len(receiver.tries) > before)
        with service.client() as client:
            metrics = client.get("/metrics").text
        assert 'balefire_dispatch_total{channel="webhook:hq",state="delivered"}' in metrics
        assert 'balefire_dispatch_total{channel="webhook:hq",state="retried"}' in metrics
        assert service.stop() < 10
    said = service.log.read_text()
    assert SECRET not in said
    assert "in-the-address" not in said


@pytest.mark.timeout(300)
def test_a_kill_between_send_and_acknowledgement_is_sent_again_and_accepted_once(tmp_path: Path) -> None:
    with Receiver(hold=threading.Event()) as receiver:
        assert receiver.hold is not None
        config = _config(tmp_path, ALLOWED + _webhook(tmp_path, receiver.url))
        with running(tmp_path / "state", config=config) as service:
            event = _raise_event(service)
            receiver.wait_for(1)
            service.stop(signal.SIGKILL)  # the receiver has it, the service does not know
            receiver.hold.set()
            service.start()
            receiver.wait_for(2)
            assert receiver.tries[:2] == [receiver.tries[0]] * 2
            assert _of(receiver, event).count("new") == 1
            _eventually(lambda: "delivered" in service.cli("notifications", "list", "--only", "delivered"))


@pytest.mark.timeout(300)
def test_a_receiver_inside_the_network_is_refused_and_the_service_runs(tmp_path: Path) -> None:
    with (
        Receiver() as receiver,
        running(tmp_path / "state", config=_config(tmp_path, _webhook(tmp_path, receiver.url))) as service,
    ):
        _raise_event(service)
        _eventually(lambda: "inside the" in service.cli("notifications", "list", "--only", "failed"))
        assert receiver.tries == []


@pytest.mark.timeout(300)
def test_a_broker_hears_events_states_and_whether_we_are_there(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    (tmp_path / "password").write_text(PASSWORD)
    mqtt = f'[notify.mqtt]\nhost = "localhost"\nport = {broker.port}\nusername = "{USER}"\n'
    config = _config(tmp_path, ALLOWED.replace("]", ', "::1/128"]') + mqtt + f'password_file = "{tmp_path / "password"}"\n')
    with running(tmp_path / "state", config=config) as service:
        event = _raise_event(service)  # nobody is there yet
        broker.start()
        try:
            broker.wait_for("balefire/available", "online")
            broker.wait_for("balefire/street/state", "ok")
            broker.wait_for("balefire/events")
            told = json.loads(broker.of("balefire/events")[0])
            assert (set(told), told["type"], told["before"]) == ({"type", "before", "after", "drill"}, "new", None)
            assert (told["after"]["id"], told["after"]["state"]) == (event, "raised")

            service.process.send_signal(signal.SIGKILL)
            broker.wait_for("balefire/available", "offline")  # the last will
            service.process.wait()
            service.start()
            broker.wait_for("balefire/available", "online", count=2)

            broker.stop()
            with service.client() as client:
                client.post(f"/v1/events/{event}/reviews", json={"verdict": "false"}).raise_for_status()
            broker.start()
            _eventually(lambda: any(json.loads(body)["after"]["verdict"] == "false" for body in broker.of("balefire/events")))
            service.stop()
            broker.wait_for("balefire/available", "offline", count=2)
        finally:
            broker.stop()
    assert PASSWORD not in service.log.read_text()


@pytest.mark.timeout(120)
def test_the_heartbeat_goes_out_while_the_service_can_watch(tmp_path: Path) -> None:
    with Receiver() as monitor:
        heartbeat = f'[notify.heartbeat]\nurl = "{monitor.url}"\nevery_s = 1\n'
        with running(tmp_path / "state", config=_config(tmp_path, ALLOWED + heartbeat)) as service:
            monitor.wait_for(3)
            service.stop()
            count = len(monitor.tries)
            service.environment["BALEFIRE_RESERVE_BYTES"] = str(10**18)  # a full disk
            service.process = launch(service.environment, service.log)
            _eventually(lambda: "heartbeat: StoreFull" in service.log.read_text())
            assert len(monitor.tries) == count
            assert "in-the-address" not in service.log.read_text()
