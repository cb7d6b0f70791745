"""Nothing half-written stays, released versions do not change, and words match data."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from balefire.domain.bundle import Bundle, GraphFiles
from balefire.domain.errors import BadSetting, BalefireError, BundleMismatch, Conflict
from tests.training.small_set import DESCRIPTION, RECIPE
from training.bundle_files import bundle_toml, catalog_toml, licence_text
from training.data import Dataset
from training.export import refuse_false_freedom, with_recipe, written_beside
from training.places import CHECKOUT
from training.subjects import Run, bundle_of

DATASET = Dataset.model_validate(tomllib.loads(DESCRIPTION))
SOURCES = {key: (source, 4) for key, source in DATASET.sources.items()}


def small_bundle() -> Bundle:
    files = GraphFiles("onnxruntime", "fp32", {"model.onnx": "0" * 64})
    return bundle_of(RECIPE, DATASET, "0.1.0", {"flame": 0.4, "smoke": 0.3}, (files,))


def test_bundle_toml_says_what_the_bundle_is() -> None:
    said = tomllib.loads(bundle_toml(replace(small_bundle(), licence='"free" → ask'), "chosen on val"))
    assert said["classes"] == ["flame", "smoke"]
    assert said["input"] == {"width": 640, "height": 640, "layout": "NCHW", "colour": "RGB", "range": "0-1", "pad": 114}
    assert (said["thresholds"], said["head"]) == ({"flame": 0.4, "smoke": 0.3}, "anchor-free-nms")
    assert said["files"] == [{"runtime": "onnxruntime", "precision": "fp32", "paths": {"model.onnx": "0" * 64}}]
    assert said["licence"] == '"free" → ask'


def test_catalog_toml() -> None:
    rows = {
        "waste": {"champion": "1.0.0", "commercial_use": True, "previous": ["0.1.0"]},
        "fire": {"champion": "0.1.0", "commercial_use": False, "previous": []},
    }
    assert tomllib.loads(catalog_toml(rows)) == {
        "fire": {"champion": "0.1.0", "commercial_use": False}, "waste": rows["waste"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("free", "said"), [(True, "are free for"), (False, "are NOT free for commercial use.\nNot free because")]
)
def test_the_licence_says_so(free: bool, said: str) -> None:
    text = licence_text(small_bundle(), SOURCES, free, ["grey"])
    assert said in text
    assert "- grey (4 pictures): none" in text


@pytest.mark.parametrize(
    ("free_source", "free_start", "said"),
    [(True, True, ""), (False, True, "made of grey, which"), (True, False, "made of fire@0.1.0, which")],
)
def test_free_weights_of_what_is_not_free_are_refused(tmp_path: Path, free_source: bool, free_start: bool, said: str) -> None:
    record = {"weights": "fire@0.1.0", "weights_commercial_use": free_start}
    run = Run(tmp_path, RECIPE.model_copy(update={"commercial_use": True}), record)
    sources = {key: (source.model_copy(update={"commercial_use": free_source}), 4) for key, (source, _) in SOURCES.items()}
    if not said:
        refuse_false_freedom(run, sources)
        return
    with pytest.raises(BadSetting, match=said):
        refuse_false_freedom(run, sources)


def _break_off(target: Path, error: BaseException) -> None:
    with written_beside(target, replace_old=False) as folder:
        (folder / "model.onnx").write_bytes(b"half")
        raise error


@pytest.mark.parametrize("error", [BundleMismatch("parity"), OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_half_written_stays(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "fire" / "0.1.0"
    with pytest.raises((BalefireError, KeyboardInterrupt)):
        _break_off(target, error)
    assert list((tmp_path / "fire").iterdir()) == []


def test_a_released_version_does_not_change(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="already there"), written_beside(tmp_path, replace_old=False):
        pass


def test_a_folder_that_does_not_read_back_replaces_nothing(tmp_path: Path) -> None:
    target = tmp_path / "fire" / "0.1.0"
    target.mkdir(parents=True)
    (target / "card.md").write_text("old")
    with pytest.raises(BundleMismatch), written_beside(target, replace_old=True) as folder:
        (folder / "bundle.toml").write_text('name = "fire"\n')
    assert (target / "card.md").read_text() == "old"


def test_the_recipe_of_another_detector_is_refused(tmp_path: Path) -> None:
    run = Run(tmp_path, RECIPE, {})
    with pytest.raises(BadSetting, match=r"detector is fire, the run's is small"):
        with_recipe(run, CHECKOUT / "configs/training/fire.toml")
