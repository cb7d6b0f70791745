"""What stands in serving/deploy names only files, settings and commands that exist."""

from __future__ import annotations

import json
import re
import shlex
from configparser import RawConfigParser
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from balefire.cli import app
from balefire.settings import CHECKOUT, OTHERS, PREFIX, Settings

DEPLOY = CHECKOUT / "serving" / "deploy"
FILES = sorted(file for file in DEPLOY.iterdir() if file.is_file())
UNITS = sorted(DEPLOY.glob("*.service"))
BUILT = {"serving/console/static/dist", "/page/static/dist"}  # made while the image is built


def instructions() -> list[list[str]]:
    """Of the Dockerfile: one list of words each."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [line.split() for line in lines]


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_is_one(file: Path) -> None:
    named = {name.removeprefix(PREFIX) for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", file.read_text())}
    assert {name.lower() for name in named - OTHERS} <= set(Settings.model_fields)


def test_every_file_that_the_image_copies_is_there() -> None:
    copied = [word for words in instructions() if words[0] == "COPY" for word in words[1:-1] if not word.startswith("--")]
    assert len(copied) > 8
    assert [name for name in copied if name not in BUILT and not (CHECKOUT / name).exists()] == []


def test_the_image_sends_no_data_to_its_builder() -> None:
    """The list of what goes to the builder is closed: everything is left out but for what is named, and that exists."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert [rule for rule in rules if rule.startswith("!") and not (CHECKOUT / rule[1:]).exists()] == []
    assert "**/weights.pt" in rules


def test_the_image_runs_as_nobody_special_and_says_when_it_is_ready() -> None:
    said = {words[0]: words for words in instructions()}
    assert int(said["USER"][1].split(":")[0]) > 0
    assert "/readyz" in " ".join(said["HEALTHCHECK"])
    assert json.loads(" ".join(said["CMD"][1:])) == ["balefire", "serve"]
    settings = dict(word.split("=", 1) for words in instructions() if words[0] == "ENV" for word in words[1:])
    assert settings["BALEFIRE_HOST"] == "0.0.0.0"
    assert settings["BALEFIRE_STATE"] in said["VOLUME"]
    assert settings["BALEFIRE_PORT"] in said["EXPOSE"]


def test_compose_names_what_is_there() -> None:
    services = compose()["services"]
    service = services["balefire"]
    context = (DEPLOY / service["build"]["context"]).resolve()
    assert context == CHECKOUT
    assert (context / service["build"]["dockerfile"]).is_file()
    assert services["database"]["image"] == "postgres:16"
    mounted = {volume.split(":")[0] for one in services.values() for volume in one["volumes"]}
    assert mounted == set(compose()["volumes"])
    assert set(service["depends_on"]) < set(services)
    assert service["environment"]["BALEFIRE_DATABASE_URL"].endswith("@database/balefire")


@pytest.mark.parametrize("unit", UNITS, ids=lambda file: file.name)
def test_a_unit_starts_a_command_with_options_that_it_has(unit: Path) -> None:
    read = RawConfigParser(strict=False, interpolation=None)
    read.read_string(unit.read_text())
    program, *words = shlex.split(read["Service"]["ExecStart"])
    assert PurePosixPath(program).name == "balefire"
    shown = CliRunner().invoke(app, [words[0], "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert shown.exit_code == 0
    assert [word for word in words if word.startswith("--") and word not in shown.output] == []


def test_the_readme_names_every_file_and_no_other() -> None:
    named = set(re.findall(r"serving/deploy/([\w@.-]+\w)", (DEPLOY / "README.md").read_text()))
    assert named == {file.name for file in FILES} - {"README.md", "Dockerfile.dockerignore"}
