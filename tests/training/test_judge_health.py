"""The judge of camera health itself: that it counts what it says it counts. On a rendered scene, through the real `Watch`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from balefire.adapters.database import SqlDatabase, migrate, open_database
from balefire.vision.image import Rgb
from balefire.vision.scenes import scene
from training.footage import Video
from training.judge_health import BEFORE, DURING, Outcome, play, scenes, table
from training.staging import STAGED, window


@pytest.fixture(scope="module")
def frames() -> list[Rgb]:
    hill = scene("hillside", seed=3, size=(960, 540), starts_s=1e6)
    return [np.ascontiguousarray(hill.frame(float(second))) for second in range(8)]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SqlDatabase]:
    url = f"sqlite:///{tmp_path / 'health.sqlite'}"
    migrate(url)
    database = open_database(url)
    yield database
    database.close()


def test_faults_are_named_and_a_healthy_camera_is_left_alone(frames: list[Rgb], empty: SqlDatabase) -> None:
    video = Video(file="rendered.mp4", use="val")
    shoot = scenes(video, frames)
    assert {*STAGED, "nothing", "frozen", "silent", "night falls"} <= set(shoot)
    wanted = ("nothing", "out of focus", "silent", "turned by a fifth of its view")
    outcomes = {staged: play(empty, video, staged, shoot[staged]()) for staged in wanted}
    assert outcomes["nothing"].fault is None
    assert all(one.false == () for one in outcomes.values())
    assert outcomes["out of focus"].named_s == 20  # the fifth look, five seconds apart
    assert outcomes["turned by a fifth of its view"].named_s == 20
    assert outcomes["silent"].named_s is not None
    assert 55 <= outcomes["silent"].named_s <= 65
    assert outcomes["out of focus"].ended_s == 15


def test_a_fault_at_the_wrong_time_or_of_the_wrong_kind_is_false(frames: list[Rgb], empty: SqlDatabase) -> None:
    """The scene of one fault, judged as if another had been staged."""
    video = Video(file="rendered.mp4", use="val")
    shots = scenes(video, frames)["blown out"]()
    judged = play(empty, video, "covered by a hand", shots)
    assert judged.named_s is None
    assert len(judged.false) == 1
    assert judged.false[0].startswith("overexposed")


def test_a_window_turns_as_far_as_the_footage_goes(frames: list[Rgb]) -> None:
    straight, aside = window(frames[0]), window(frames[0], right=0.2)
    assert straight.shape == aside.shape == (378, 672, 3)
    assert np.array_equal(straight[:, int(672 * 0.2) :], aside[:, : 672 - int(672 * 0.2)])
    assert window(frames[0], right=0.9).shape == straight.shape


def test_the_table_counts_who_was_named_in_time() -> None:
    rows = [
        Outcome("a", "frozen", "frozen", 60.0, 5.0, False, (), 0.1), Outcome("b", "frozen", "frozen", 90.0, 5.0, True, (), 0.1),
        Outcome("c", "frozen", "frozen", None, None, True, ("dark: x",), 0.1),
    ]  # fmt: skip
    shown = table(rows, "val")
    cells = [next(iter(column.cells)) for column in shown.columns]
    assert cells == ["frozen", "2 of 3", "1 in 70 s", "75 (90)", "5 (5)", "2, named 1", "1"]
    assert BEFORE > DURING
