"""Training that is stopped, starved or sent to the wrong folder. Real runs, of seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from balefire.domain.errors import BadSetting
from tests.training.small_set import RECIPE, small_set
from training.places import CHECKOUT, Places
from training.prepare import prepare
from training.subjects import read_run
from training.train import check_resumed, run_name, train
from training.yolo import forget_later_epochs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TRAIN = """
import sys
from pathlib import Path
from tests.training.small_set import RECIPE
from training.places import Places
from training.prepare import prepare
from training.train import train

folder = Path(sys.argv[1])
places = Places(folder / "pictures", folder / "datasets", folder / "runs", folder / "models")
recipe = RECIPE.model_copy(update={"schedule": RECIPE.schedule.model_copy(update={"epochs": int(sys.argv[2])})})
train(recipe, Path("small.toml"), prepare(recipe, places), places, "cpu")
"""


def start(folder: Path, epochs: int, before: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "YOLO_OFFLINE": "true", "NO_COLOR": "1"}
    command = [sys.executable, "-c", before + TRAIN, str(folder), str(epochs)]
    with (folder / "said").open("w") as said:
        return subprocess.Popen(command, env=environment, text=True, stdout=said, stderr=subprocess.STDOUT)


def the_run(places: Places) -> Path:
    return next(path.parent for path in places.runs.glob("*/run.json"))


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.is_file():
        assert process.poll() is None, "the training ended early"
        time.sleep(0.05)


def test_a_killed_training_goes_on_where_its_last_checkpoint_stands(tmp_path: Path) -> None:
    places = small_set(tmp_path)
    first = start(tmp_path, epochs=25)
    while not (runs := list(places.runs.glob("*/weights/last.pt"))):
        assert first.poll() is None, (tmp_path / "said").read_text()
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    run = runs[0].parent.parent
    done = read_run(run).epochs
    assert 1 <= done < 25
    again = start(tmp_path, epochs=25)
    wait_for(run / "finished", again)
    assert again.wait() == 0
    assert "going on from" in (tmp_path / "said").read_text()
    epochs = [int(row.split(",")[0]) for row in (run / "results.csv").read_text().splitlines()[1:]]
    assert epochs == list(range(1, 26)), "an epoch stands twice or is missing"
    assert not [*run.rglob("*.partial")]


def test_results_are_cut_back_to_what_the_checkpoint_holds(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    results.write_text("epoch,loss\n1,0.5\n2,0.4\n3,0.")
    forget_later_epochs(results, done=2)
    assert results.read_text() == "epoch,loss\n1,0.5\n2,0.4\n"
    forget_later_epochs(results, done=1)
    assert results.read_text() == "epoch,loss\n1,0.5\n"


def test_a_full_disk_leaves_no_half_checkpoint(tmp_path: Path) -> None:
    """A limit on the size of a file stands in for the full disk: the checkpoint, the largest, does not fit."""
    places = small_set(tmp_path)
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
    process = start(tmp_path, epochs=2, before=limit)
    assert process.wait() != 0
    assert "File too large" in (tmp_path / "said").read_text()
    assert not [*the_run(places).rglob("*.pt")]
    assert not [*the_run(places).rglob("*.partial")]
    assert start(tmp_path, epochs=2).wait() == 0, "with room again, the same command goes through"


OUT_OF_MEMORY_ABOVE_ONE = """
import torch
from torch import nn
from ultralytics.nn.tasks import DetectionModel
whole, calls = DetectionModel.loss, []
def loss(self, batch, preds=None):
    calls.append(1)
    if self.training and len(batch["img"]) > 1 and len(calls) > 3:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
    return whole(self, batch, preds)
DetectionModel.loss = loss
"""


def test_out_of_memory_halves_the_batch_and_says_so(tmp_path: Path) -> None:
    """No GPU here: the error of a full one is raised where it would be, in the second epoch."""
    places = small_set(tmp_path)
    process = start(tmp_path, epochs=3, before=OUT_OF_MEMORY_ABOVE_ONE)
    assert process.wait() == 0, (tmp_path / "said").read_text()
    assert "out of memory: going on with 1 pictures a batch instead of 2" in (tmp_path / "said").read_text()
    assert read_run(the_run(places)).epochs == 3


def test_a_run_of_another_recipe_or_other_data_is_not_gone_on_with(tmp_path: Path) -> None:
    places = small_set(tmp_path)
    prepared = prepare(RECIPE, places)
    run = train(RECIPE, Path("small.toml"), prepared, places, "cpu")
    assert run == places.runs / run_name(RECIPE, Path("small.toml"), prepared)
    check_resumed(run, run, RECIPE, prepared.fingerprint)
    other = RECIPE.model_copy(update={"weights": "yolo26s.yaml"})
    with pytest.raises(BadSetting, match=r"another recipe: weights was yolo26n\.yaml, here it is yolo26s\.yaml"):
        check_resumed(run, places.runs / "other", other, prepared.fingerprint)
    with pytest.raises(BadSetting, match="a run on other pictures or labels"):
        check_resumed(run, places.runs / "other", RECIPE, "0" * 64)
    with pytest.raises(BadSetting, match="neither a bundle"):
        check_resumed(tmp_path, run, RECIPE, prepared.fingerprint)
