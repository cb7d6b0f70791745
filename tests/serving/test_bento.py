"""`bentoml build` makes a small Bento that holds what serving needs and nothing else, and it serves where no checkout is."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from balefire.settings import CHECKOUT
from balefire.vision.bundles import read_catalog
from tests.needs import missing
from tests.serving import pictures
from tests.serving.service import Service, free_port, wait_until_ready

MOST_BYTES = 60_000_000
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
TAG = "balefire-service:test"


@pytest.fixture(scope="module")
def bentos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BENTOML_HOME with one Bento in it."""
    if not (CHECKOUT / "serving" / "console" / "static" / "dist").is_dir():
        missing("needs the page's assets: make assets")
    home = tmp_path_factory.mktemp("bentos")
    order = [sys.executable, "-m", "bentoml", "build", "--version", TAG.partition(":")[2]]
    environment = {**os.environ, "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "true"}
    done = subprocess.run(order, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture(scope="module")
def bento(bentos: Path) -> Path:
    return bentos / "bentos" / "balefire-service" / "test"


@pytest.fixture(scope="module")
def bare(bento: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has what the Bento asks for and no more: no checkout of balefire, no torch."""
    folder, uv = tmp_path_factory.mktemp("bare") / "venv", Path(sys.executable).with_name("uv")
    wanted = ["-r", str(bento / "env" / "python" / "requirements.txt"), "-c", str(bento / "src" / "constraints.txt")]
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True, timeout=120)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", folder, *wanted], check=True, timeout=280)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def served(bentos: Path, bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`bentoml serve balefire-service:test` in an empty folder, with a state of its own and no way to this checkout."""
    here = tmp_path_factory.mktemp("elsewhere")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "BALEFIRE_MODELS")} | {
        "BENTOML_HOME": str(bentos), "BENTOML_DO_NOT_TRACK": "true", "BALEFIRE_STATE": str(here / "state"),
        "BALEFIRE_PORT": str(port), "BALEFIRE_TUNE": "false",
    }  # fmt: skip
    log = here / "log"
    order = [str(bare), "-m", "bentoml", "serve", TAG]
    with log.open("ab") as out:
        process = subprocess.Popen(order, cwd=here, env=environment, stdout=out, stderr=out, start_new_session=True)
    service = Service(f"http://127.0.0.1:{port}", here / "state", log, process, environment)
    try:
        wait_until_ready(service)
        yield service
    finally:
        if process.poll() is None:
            service.stop()


def test_it_is_small(bento: Path) -> None:
    assert 10_000_000 < sum(file.stat().st_size for file in bento.rglob("*") if file.is_file()) <= MOST_BYTES


def test_it_holds_no_data_no_training_and_no_tests(bento: Path) -> None:
    inside = {file.relative_to(bento / "src").as_posix() for file in (bento / "src").rglob("*") if file.is_file()}
    assert "serving/service.py" in inside
    plain = {"pyproject.toml", "constraints.txt", "bentofile.yaml", "LICENSE", "README.md"}
    assert {name.split("/")[0] for name in inside} <= {"balefire", "serving", "models", "configs"} | plain
    pictures_inside = {name for name in inside if name.endswith((".jpg", ".png", ".tif", ".webp"))}
    assert {Path(name).parent.name for name in pictures_inside} == {"golden"}, "rendered, for the check at the start"
    unwanted = ("weights.pt", "/report/", "node_modules", "__pycache__", "serving/bench", ".sqlite", "admin.key")
    assert not [name for name in inside if any(part in name for part in unwanted)]
    assert any(name.startswith("serving/console/static/dist/assets/console-") for name in inside)


def test_it_holds_the_champions_and_no_other_bundle(bento: Path) -> None:
    """Where this fails after a promotion: `include` in pyproject.toml names the champions."""
    inside = {file.parent.relative_to(bento / "src" / "models") for file in bento.glob("src/models/*/*/bundle.toml")}
    assert inside == {folder.relative_to(CHECKOUT / "models") for folder in read_catalog(CHECKOUT / "models").values()}


def test_it_installs_what_the_extras_say(bento: Path) -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = {*PROJECT["project"]["dependencies"], *extras["serve"], *extras["openvino"]}
    said = (bento / "env" / "python" / "requirements.txt").read_text().splitlines()
    assert {line for line in said if line and not line.startswith("bentoml==")} == wanted


def test_a_camera_posts_a_frame_to_it(served: Service) -> None:
    with served.client() as client:
        assert client.post("/v1/cameras", json={"id": "ridge"}).status_code == 201
        answer = client.post("/v1/cameras/ridge/frames", content=pictures.fire(60))
        assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
        assert {found["class"] for found in answer.json()["detections"]} & {"flame", "smoke"}


def test_its_page_opens(served: Service) -> None:
    page = httpx.get(f"{served.url}/", headers={"Accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 200
    assert 'name="password"' in page.text
    for part in ("style", "mark"):
        address = next(piece for piece in page.text.split('"') if piece.startswith("/static/") and part in piece)
        assert httpx.get(served.url + address).status_code == 200, address


def test_it_runs_its_own_code_and_offers_it(served: Service) -> None:
    """The checkout has tests; the Bento, and so what it offers, has none."""
    with served.client() as client:
        packed = client.get("/source").content
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        names = archive.getnames()
    assert "balefire/serving/console/web/src/console.ts" in names
    assert not [name for name in names if name.startswith(("balefire/tests", "balefire/training"))]


def test_it_ends_when_told_to(served: Service) -> None:
    served.stop()
    assert "Traceback" not in served.log.read_text()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{served.url}/livez")
