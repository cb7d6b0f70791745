"""Every command in the README is run. A command that stands there and not here fails the test."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from balefire.settings import CHECKOUT
from tests.camera.conftest import RtspServer
from tests.needs import datasets
from tests.serving import pictures
from tests.serving.service import Service, free_port

BIN = ".venv/bin/"


def _commands() -> list[str]:
    """Lines of the README's shell blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (CHECKOUT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line).strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def _run(command: str, environment: dict[str, str], said: str = "") -> str:
    """Run it in the checkout; what it printed."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=CHECKOUT,
        env=environment,
        input=said,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@contextlib.contextmanager
def _started(command: str, environment: dict[str, str], sign: str) -> Iterator[str]:
    """Start it, wait until it prints `sign`, press Ctrl-C at the end. Yields what it printed until then."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if sign in line:
                break
        assert sign in said, said
        yield said
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.stdout.read()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`make serve`, as the README says it, on a free port and with a state of its own."""
    state, port = tmp_path_factory.mktemp("readme") / "state", free_port()
    environment = {**os.environ, "BALEFIRE_STATE": str(state), "BALEFIRE_PORT": str(port)}
    with _started("make serve", environment, "Service balefire initialized"):
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{url}/readyz").status_code == 200:
                    break
        yield Service(url, state, state.with_suffix(".log"), None, {**environment, "BALEFIRE_SERVER": url})  # type: ignore[arg-type]


def _demo(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with _started("make demo", environment, "event raised: ") as said:
        assert "/sign-in/" in said
    assert list(tmp_path.iterdir()) == []  # Ctrl-C leaves nothing behind


def _only_named(target: str, program: str) -> Callable[[], None]:
    """A target whose program other tests run for real, or that is running now: here it is only resolved."""

    def look() -> None:
        assert program in _run(f"make -n {target}", dict(os.environ))

    return look


def _bench(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    _run(f"make bench ARGS='--rounds 1 --seconds 0.5 --out {out}'", dict(os.environ))
    assert {"value", "unit", "bar"} == set(json.loads(out.read_text())["serve_to_library"])


def _watch(house: Service, tmp_path: Path) -> None:
    """The address is a folder with one picture here; tests/camera watches a real RTSP server."""
    (tmp_path / "a.jpg").write_bytes(pictures.noise(7))
    key = house.cli("keys", "create", "readme", "--scope", "frames", "--camera", "ridge")
    environment = {**house.environment, "BALEFIRE_KEY": key, "XDG_CACHE_HOME": str(tmp_path)}
    _run(f"{BIN}balefire watch {tmp_path} --camera ridge --once", environment)
    with house.client() as client:
        assert client.get("/v1/cameras/ridge/health").json()["frames"] == 1


def _import(house: Service, tmp_path: Path) -> None:
    (tmp_path / "cameras.csv").write_text("id,name,lon,lat\nhillside,Hillside,106.4,29.8\nstreet,Street,106.5,29.6\n")
    _run(f"{BIN}balefire cameras import {tmp_path}/cameras.csv", house.environment)
    _run(f"{BIN}balefire cameras import {tmp_path}/cameras.csv", house.environment)


def _units(house: Service, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("code,name,kind,parent\nhub,City,hub,\nbeibei,Beibei,district,hub\n")
    _run(f"{BIN}balefire units import {tmp_path}/units.csv", house.environment)


def _why(house: Service, tmp_path: Path) -> None:
    """Of the event that the demo's street raises; `house` may have none by then."""
    house.cli("cameras", "add", "burning", "--name", "Burning street")
    with house.client() as client:
        for second in range(20, 40):
            answer = client.post("/v1/cameras/burning/frames", content=pictures.fire(second)).json()
            if raised := [event["id"] for event in answer["events"] if event["state"] == "raised"]:
                break
    said = _run(f"{BIN}balefire why {raised[0]} -o {tmp_path}/why.png", house.environment)
    assert "sightings" in said
    assert (tmp_path / "why.png").stat().st_size > 1000


def _replay(tmp_path: Path) -> None:
    frames = [pictures.fire(second) for second in range(20, 32)]
    for number, frame in enumerate(frames):
        (tmp_path / f"replay-{number:02}.jpg").write_bytes(frame)
    order = ["ffmpeg", "-loglevel", "error", "-framerate", "1", "-i", f"{tmp_path}/replay-%02d.jpg", f"{tmp_path}/video.mp4"]
    subprocess.run(order, check=True, timeout=60)
    said = _run(f"{BIN}balefire replay {tmp_path}/video.mp4 -o {tmp_path}/replay.png", dict(os.environ))
    assert "raised" in said
    assert (tmp_path / "replay.png").stat().st_size > 1000


def _export(house: Service, tmp_path: Path) -> None:
    """Nothing needs to be decided yet: it says how much there is."""
    said = house.cli("export-reviews", str(tmp_path / "reviews"), "--hazard", "flame", "--hazard", "smoke")
    assert "picture" in said


def _test_camera(house: Service) -> None:
    """A stream of our own; its 320 pixels are found too few, and so it says."""
    server = RtspServer().start()
    try:
        said = subprocess.run(
            [f"{BIN}balefire", "cameras", "test", server.url],
            cwd=CHECKOUT, env=house.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "h264" in said.stdout
        assert said.returncode == 1
    finally:
        server.kill()


def _watch_all(house: Service, tmp_path: Path) -> None:
    """The example's cameras are those that were imported: both send frames."""
    environment = {**house.environment, "BALEFIRE_KEY": house.key("frames"), "XDG_CACHE_HOME": str(tmp_path)}
    with _started(f"{BIN}balefire watch --config configs/cameras.example.toml", environment, "server answers") as said:
        assert "source live" in said
    with house.client() as client:
        assert sum(client.get(f"/v1/cameras/{name}/health").json()["frames"] for name in ("hillside", "street")) > 0


def _curl(house: Service, tmp_path: Path, command: str) -> None:
    (tmp_path / "picture.jpg").write_bytes(pictures.fire(40))
    command = command.replace("state/admin.key", str(house.state / "admin.key")).replace("http://127.0.0.1:3000", house.url)
    assert '"detections"' in _run(command.replace("@picture.jpg", f"@{tmp_path}/picture.jpg"), house.environment)


def _detect(tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").write_bytes(pictures.fire(40))
    _run(f"{BIN}balefire detect {tmp_path}/picture.jpg -o {tmp_path}/drawn", dict(os.environ))
    assert (tmp_path / "drawn" / "picture.jpg").is_file()


def _training(command: str, tmp_path: Path) -> None:
    environment = {**os.environ, "BALEFIRE_DATASETS": str(datasets()), "BALEFIRE_RUNS": str(tmp_path)}
    assert "fire" in _run(command, environment)


def _evaluate(tmp_path: Path) -> None:
    """On a copy, so that the report in the repository stays: the card's figures come out again."""
    copy = shutil.copytree(CHECKOUT / "models" / "fire" / "0.2.0", tmp_path / "fire" / "0.2.0")
    _training(f"{BIN}python -m training.evaluate {copy}", tmp_path)
    before, after = (
        json.loads((folder / "report" / "figures.json").read_text()) for folder in (CHECKOUT / "models/fire/0.2.0", copy)
    )
    assert _numbers(after) == pytest.approx(_numbers(before), abs=0.0005)


def _numbers(value: object) -> list[float]:
    """Every number of a JSON value, in order."""
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in _numbers(value[key])]
    if isinstance(value, list):
        return [number for item in value for number in _numbers(item)]
    return [float(value)] if isinstance(value, int | float) else []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_command_is_run(house: Service, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    runners: dict[str, Callable[[], object]] = {
        "make demo": lambda: _demo(tmp_path / "tmp"),
        "make test": _only_named("test", "-m pytest"),  # this is it
        "make serve": lambda: house,
        "make check": _only_named("check", "lint-imports"),  # .ci/run runs it
        "make bench": lambda: _bench(tmp_path),
        "make train-tiny": _only_named("train-tiny", "-m training.tiny"),  # tests/training runs it
        'balefire cameras add ridge --name "Ridge mast"': lambda: house.cli("cameras", "add", "ridge", "--name", "Ridge mast"),
        "balefire keys create ridge-agent --scope frames --camera ridge": lambda: house.key("frames", camera="ridge"),
        "export BALEFIRE_KEY=bf_…": lambda: None,
        "balefire watch rtsp://camera.local/stream --camera ridge": lambda: _watch(house, tmp_path),
        "balefire cameras test rtsp://camera.local/stream": lambda: _test_camera(house),
        "balefire export-reviews build/reviews --hazard flame --hazard smoke": lambda: _export(house, tmp_path),
        "balefire cameras status": lambda: house.cli("cameras", "status"),
        "balefire users add wang --role operator": lambda: _run(
            f"{BIN}balefire users add wang --role operator", house.environment, "correct horse battery\n" * 2
        ),
        "balefire users link wang": lambda: house.cli("users", "link", "wang"),
        "balefire units import units.csv": lambda: _units(house, tmp_path),
        "balefire users add chen --role operator --unit beibei": lambda: _run(
            f"{BIN}balefire users add chen --role operator --unit beibei", house.environment, "correct horse battery\n" * 2
        ),
        "balefire audit verify": lambda: house.cli("audit", "verify"),
        'balefire drill start "Autumn drill"': lambda: house.cli("drill", "start", "Autumn drill"),
        "balefire drill end": lambda: house.cli("drill", "end"),
        "balefire why 01J…": lambda: _why(house, tmp_path),
        "balefire replay video.mp4": lambda: _replay(tmp_path),
        "balefire notifications list": lambda: house.cli("notifications", "list"),
        "balefire tune": lambda: _run(f"{BIN}balefire tune --rounds 1 --seconds 0.1", house.environment),
        "balefire detect picture.jpg -o drawn": lambda: _detect(tmp_path),
        "balefire purge": lambda: house.cli("purge"),
        "python -m training.prepare configs/training/fire.toml": lambda: _training(
            f"{BIN}python -m training.prepare configs/training/fire.toml --limit 40", tmp_path
        ),
        "python -m training.train configs/training/fire.toml --weights models/fire/0.2.0": lambda: _training(
            f"{BIN}python -m training.train configs/training/fire.toml --weights models/fire/0.2.0 --limit 16 --epochs 1",
            tmp_path,
        ),
        "balefire cameras import cameras.csv": lambda: _import(house, tmp_path),
        "balefire watch --config configs/cameras.example.toml": lambda: _watch_all(house, tmp_path),
        "python -m training.data check fire": lambda: _training(f"{BIN}python -m training.data check fire", tmp_path),
        "python -m training.data duplicates fire": lambda: _training(f"{BIN}python -m training.data duplicates fire", tmp_path),
        "python -m training.evaluate models/fire/0.2.0": lambda: _evaluate(tmp_path),
    }
    ran = 0
    for command in _commands():
        plain = command.replace(BIN, "")
        if plain.startswith("curl "):
            _curl(house, tmp_path, command)
        else:
            assert plain in runners, f"the README says {command!r}, and no test runs it"
            runners[plain]()
        ran += 1
    assert ran >= len(runners)
