"""`balefire why` and `balefire replay` as their users run them: on a real state, on a real video, with the released bundle."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import cv2
import pytest

from balefire.adapters import clips
from balefire.adapters.database import migrate, open_database
from balefire.flows.ports import Seen
from balefire.flows.rehearsal import Take, rehearse
from balefire.settings import CHECKOUT, read_policies
from tests.builders import NOON, at, camera, detection
from tests.serving import pictures


def _balefire(folder: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "balefire", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def _width(png: Path) -> int:
    pixels = cv2.imread(str(png))
    assert pixels is not None
    return int(pixels.shape[1])


def test_why_shows_every_frame_of_a_raised_event(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    url = f"sqlite:///{tmp_path / 'state' / 'balefire.sqlite'}"
    migrate(url)
    database = open_database(url)
    growing = [detection(box=(0.4, 0.4, 0.5 + 0.02 * k, 0.5 + 0.02 * k), sure=0.7) for k in range(8)]
    takes = [Take(at(k), Seen(640, 360, (one,), b"", {}), f"{k}") for k, one in enumerate(growing)]
    policies = read_policies(CHECKOUT / "configs" / "policies.toml")
    (event,) = rehearse(database, camera(), takes, policies).events
    database.close()
    said = _balefire(tmp_path, "why", event.id, "--state", "state", "--all")
    assert event.reason in said
    assert said.count("0.70") == len(takes)
    assert "today's policies" not in said
    assert _width(tmp_path / f"why-{event.id}.png") == 1200


def test_replay_raises_a_rendered_fire_and_draws_its_time_line(tmp_path: Path) -> None:
    frames = [(pictures.fire(30 + second), NOON + timedelta(seconds=second)) for second in range(8)]
    (tmp_path / "fire.mp4").write_bytes(clips.mp4(frames))
    said = _balefire(tmp_path, "replay", "fire.mp4", "-o", "line.png")
    assert "flame: raised after" in said
    assert _width(tmp_path / "line.png") == 1200


def test_a_time_lapse_has_the_times_of_its_scene(tmp_path: Path) -> None:
    frames = [(pictures.fire(30 + number), NOON + timedelta(seconds=number)) for number in range(5)]
    (tmp_path / "lapse.mp4").write_bytes(clips.mp4(frames))
    said = _balefire(tmp_path, "replay", "lapse.mp4", "--seconds-per-frame", "60")
    assert "5 frames, 240 s" in said or "6 frames, 300 s" in said  # a clip holds its last picture for a second


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay", "nowhere.mp4"), "nowhere.mp4: no such file"),
        (("replay", "text.mp4"), "text.mp4: not a video that can be read"),
        (("why", "01ABC", "--state", "nowhere"), "no service has kept its state here"),
    ],
)
def test_refusals_are_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    complaint = _balefire(tmp_path, *arguments, code=2)
    assert said in complaint
    assert complaint.count("\n") == 1
    assert not (tmp_path / "nowhere").exists()


def test_why_refuses_an_event_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    migrate(f"sqlite:///{tmp_path / 'state' / 'balefire.sqlite'}")
    assert "no event 01ABC" in _balefire(tmp_path, "why", "01ABC", "--state", "state", code=2)
