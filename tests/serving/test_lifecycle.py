"""Starting, refusing to start, stopping, a full disk, and a kill at any moment."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from balefire.domain.detection import Hazard
from balefire.domain.errors import BadSetting
from balefire.settings import CHECKOUT, read_policies, read_settings
from balefire.vision.bundles import read_catalog
from tests.serving import pictures
from tests.serving.service import Service, running

MODELS = Path(os.environ.get("BALEFIRE_MODELS", CHECKOUT / "models"))


def _refusal(tmp_path: Path, **settings: str) -> str:
    """What `balefire serve` says when it refuses to start."""
    extra = {f"BALEFIRE_{name.upper()}": value for name, value in settings.items()}
    environment = {**os.environ, "BALEFIRE_STATE": str(tmp_path / "state"), **extra}
    done = subprocess.run(
        [sys.executable, "-m", "balefire", "serve", "--port", "0"], env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A copy of the released detectors, to be spoilt."""
    return Path(shutil.copytree(MODELS, tmp_path / "models"))


def _bundle_file(models: Path) -> Path:
    """Of the champion: the one that is loaded."""
    return read_catalog(models)["fire"] / "bundle.toml"


def test_a_bundle_with_a_wrong_checksum(tmp_path: Path, models: Path) -> None:
    graph = _bundle_file(models).parent / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    said = _refusal(tmp_path, models=str(models))
    assert "model.onnx" in said
    assert "SHA-256" in said or "checksum" in said


def test_a_bundle_with_a_wrong_class_count(tmp_path: Path, models: Path) -> None:
    bundle = _bundle_file(models)
    text = bundle.read_text()
    spoilt = text.replace('classes = ["flame", "smoke"]', 'classes = ["flame", "smoke", "steam"]')
    spoilt = spoilt.replace('classes = ["smoke", "flame"]', 'classes = ["smoke", "flame", "steam"]')
    assert spoilt != text
    bundle.write_text(spoilt.replace("[thresholds]", "[thresholds]\nsteam = 0.5"))
    assert re.search(r"model.onnx: expected \(1, 7, n\), got \(., 6, ", _refusal(tmp_path, models=str(models)))


def test_no_bundle_at_all(tmp_path: Path) -> None:
    assert "catalog.toml" in _refusal(tmp_path, models=str(tmp_path))


@pytest.mark.parametrize(
    ("name", "near"), [("BALEFIRE_STAET", "BALEFIRE_STATE"), ("BALEFIRE_BYTELIMIT", "BALEFIRE_BYTE_LIMIT")]
)
def test_a_misspelt_variable_names_the_near_one(monkeypatch: pytest.MonkeyPatch, name: str, near: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(BadSetting, match=f"unknown key {name}; did you mean {near}"):
        read_settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 3000", r"unknown key prot; did you mean port\?"),
        ("[retention]\nfalse_day = 3", r"unknown key retention.false_day; did you mean false_days\?"),
        ("port = 'high'", "port: Input should be a valid integer"),
        ("port = ", "not valid TOML"),
    ],
)
def test_a_misspelt_key_names_the_near_one(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "service.toml"
    path.write_text(text)
    with pytest.raises(BadSetting, match=said):
        read_settings(path)


def test_the_files_that_people_edit_are_right() -> None:
    assert read_settings(CHECKOUT / "configs" / "service.toml").model_dump(exclude={"state"}) == read_settings().model_dump(
        exclude={"state"}
    )
    assert {hazard for hazard, _ in read_policies(CHECKOUT / "configs" / "policies.toml").rules} == set(Hazard)


def test_a_full_disk_says_so_everywhere(tmp_path: Path) -> None:
    with running(tmp_path / "state") as service:
        _add(service, "full")
        service.stop()
        service.environment["BALEFIRE_RESERVE_BYTES"] = str(10**18)
        with pytest.raises(AssertionError, match="not ready"):
            _start_quickly(service)
        with service.client() as client:
            answer = client.post("/v1/cameras/full/frames", content=pictures.noise(1))
            assert (answer.status_code, answer.json()["code"]) == (507, "store_full")
            assert client.get("/readyz").status_code == 503
            assert client.post("/v1/detect", content=pictures.noise(1)).status_code == 200  # it stores nothing
            assert client.get("/v1/cameras/full/health").json()["frames"] == 0


def _start_quickly(service: Service) -> None:
    import tests.serving.service as module

    ready_s, module.READY_S = module.READY_S, 15
    try:
        service.start()
    finally:
        module.READY_S = ready_s


def _add(service: Service, camera: str) -> None:
    with service.client() as client:
        assert client.post("/v1/cameras", json={"id": camera}).status_code == 201


def test_it_ends_with_an_open_stream(tmp_path: Path) -> None:
    """Ctrl-C with a page open: the stream is closed, nobody has to be killed."""
    with running(tmp_path / "state") as service:
        here, ended = threading.Event(), threading.Event()

        def listen() -> None:
            asked = ("GET", "/v1/stream")
            with contextlib.suppress(httpx.HTTPError), service.client() as client, client.stream(*asked, timeout=60) as stream:
                for _ in stream.iter_lines():
                    here.set()
            ended.set()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        assert here.wait(10)
        service.stop(signal.SIGINT)
        assert ended.wait(5)
        assert service.process.returncode in (0, -signal.SIGINT, 130)
        assert "Traceback" not in service.log.read_text()


@pytest.mark.slow
def test_a_kill_loses_no_acknowledged_frame(tmp_path: Path) -> None:
    with running(tmp_path / "state", frames_per_second="1000") as service:
        _add(service, "killed")
        acknowledged: list[str] = []
        for round_number in range(3):
            stop = threading.Event()

            def post(base: int = round_number * 1000, stop: threading.Event = stop) -> None:
                with service.client() as client:
                    number = base
                    while not stop.is_set():
                        headers = {"Frame-Id": f"f{number}"}
                        try:
                            answer = client.post("/v1/cameras/killed/frames", content=pictures.noise(number), headers=headers)
                        except httpx.HTTPError:
                            return
                        if answer.status_code == 200:
                            acknowledged.append(f"f{number}")
                        number += 1

            sender = threading.Thread(target=post)
            sender.start()
            stop.wait(1.5)
            os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()
            stop.set()
            sender.join()
            service.start()
        assert len(acknowledged) > 5
        with service.client() as client:
            for frame_id in acknowledged:
                again = client.post("/v1/cameras/killed/frames", content=pictures.noise(), headers={"Frame-Id": frame_id})
                assert again.headers.get("frame-repeated") == "true", frame_id
