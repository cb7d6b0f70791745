"""The Bento: what `bentoml build` packs serves by itself, and holds nothing that serving does not need."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from balefire import __version__
from balefire.settings import CHECKOUT
from tests.serving import pictures
from tests.serving.service import running

MOST_BYTES = 60_000_000
BENTOML = (sys.executable, "-m", "bentoml")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BentoML home of its own, with one Bento in it."""
    folder = tmp_path_factory.mktemp("bentoml")
    mine = {"BENTOML_HOME": str(folder), "BENTOML_DO_NOT_TRACK": "true", "BALEFIRE_STATE": str(folder / "state")}
    order = [*BENTOML, "build", "--version", "test"]
    done = subprocess.run(order, cwd=CHECKOUT, env=os.environ | mine, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def bare(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has what the Bento asks for and no more: no balefire, no torch."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    wanted = home / "bentos" / "balefire" / "test" / "env" / "python" / "requirements.txt"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True, timeout=120)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", folder, "-r", wanted], check=True, timeout=280)
    return folder / "bin" / "python"


def test_it_holds_what_serving_needs_and_no_more(home: Path) -> None:
    packed = home / "bentos" / "balefire" / "test" / "src"
    files = [file.relative_to(packed) for file in packed.rglob("*") if file.is_file()]
    assert sum((packed / file).stat().st_size for file in files) <= MOST_BYTES
    assert {"training", "tests", "datasets", "docs"}.isdisjoint(file.parts[0] for file in files)
    assert not [file for file in files if file.name == "weights.pt" or "node_modules" in file.parts or "report" in file.parts]
    catalog = tomllib.loads((CHECKOUT / "models" / "catalog.toml").read_text(encoding="utf-8"))
    champions = {Path("models", name, entry["champion"]) for name, entry in catalog.items()}
    assert {file.parent for file in files if file.name == "bundle.toml"} == champions


@pytest.mark.timeout(600)
def test_it_serves_elsewhere(home: Path, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder, with an environment of its own; told apart from the checkout by its version."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("BENTOML_HOME", str(home))
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", "true")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    packed = home / "bentos" / "balefire" / "test" / "src" / "balefire" / "__init__.py"
    packed.write_text(packed.read_text().replace(__version__, "9.9.9"))
    serve = (str(bare), "-m", "bentoml", "serve", "balefire:test")
    with running(tmp_path / "state", serve) as service, service.client() as client:
        assert client.post("/v1/cameras", json={"id": "ridge", "name": "Ridge"}).status_code == 201
        answer = client.post("/v1/cameras/ridge/frames", content=pictures.fire(40))
        assert answer.status_code == 200, answer.text
        assert [one for one in answer.json()["detections"] if one["hazard"] == "flame"]
        assert "balefire" in client.get("/sign-in", headers={"Accept": "text/html"}).text
        assert {one["name"] for one in client.get("/v1/bundles").json()["items"]} == {"fire", "waste", "thermal"}
        assert "balefire 9.9.9" in client.get("/").text  # it runs from its own files
        assert "Traceback" not in service.log.read_text()


def test_its_requirements_are_those_of_the_server() -> None:
    """Pinned as everywhere, and none forgotten."""
    lines = (CHECKOUT / "serving" / "deploy" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition(";")[0].strip() for line in lines if line}
    everywhere = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert pinned <= {line.partition(";")[0].strip() for line in everywhere}
    names = {line.partition("==")[0] for line in pinned}
    wanted = [Requirement(text) for text in requires("balefire") or []]
    needed = {
        one.name
        for one in wanted
        if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in ("serve", "openvino"))
    }
    assert {name.lower().replace("_", "-") for name in needed} <= names
