"""The whole chain, as `make train-tiny` runs it, and what it leaves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from balefire.domain.errors import BadInput, BadLabel, BadSetting, Conflict
from balefire.vision.bundles import read_bundle, read_catalog
from balefire.vision.detector import load_detector
from balefire.vision.golden import check_golden
from training.average import average
from training.data import read_dataset
from training.evaluate import differences, evaluate
from training.full import full
from training.places import CHECKOUT, DESCRIPTIONS, MODELS, Places
from training.promote import promote, rollback
from training.subjects import read_run, val_images
from training.tiny import tiny
from training.weights import load_model, load_released

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    assert tiny(folder), "the promoted bundle sees nothing"
    return folder


@pytest.fixture
def places(workshop: Path) -> Places:
    return Places(workshop / "pictures", DESCRIPTIONS, workshop / "runs", workshop / "models")


def test_the_bundle_is_whole(places: Places) -> None:
    folder = read_catalog(places.models)["tiny"]
    bundle = read_bundle(folder)
    assert {path.name for path in folder.iterdir()} == {
        "bundle.toml", "model.onnx", "weights.pt", "card.md", "LICENSE", "golden", "report"
    }  # fmt: skip
    assert check_golden(load_detector(folder)) == 1.0
    assert load_released(folder / "weights.pt").names == dict(enumerate(bundle.classes))
    assert bundle.provenance["recipe"] == "configs/training/tiny.toml"
    assert [path.name for path in folder.parent.iterdir()] == [bundle.version], "something half-written stayed"


def test_the_figures_repeat(places: Places) -> None:
    folder = read_catalog(places.models)["tiny"]
    before = json.loads((folder / "report" / "figures.json").read_text())
    evaluate(folder, places)
    assert list(differences(before, json.loads((folder / "report" / "figures.json").read_text()))) == []


def test_the_card_says_what_the_report_says(places: Places) -> None:
    folder = read_catalog(places.models)["tiny"]
    figures = json.loads((folder / "report" / "figures.json").read_text())
    card = (folder / "card.md").read_text()
    assert f"| {figures['lists']['fire']['classes']['flame']['ap50']:.3f} |" in card
    for said in ("rendered: says nothing about real fires", "Chosen on val for a budget of 10.0%", "Under 100 backgrounds"):
        assert said in card


def test_a_bundle_that_is_no_better_needs_a_reason_and_there_is_a_way_back(places: Places, tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(places.models, models)
    again = models / "tiny" / "0.0.2"
    shutil.copytree(models / "tiny" / "0.0.1", again)
    text = (again / "bundle.toml").read_text()
    (again / "bundle.toml").write_text(text.replace('"0.0.1"', '"0.0.2"'))
    with pytest.raises(BadInput, match=r"does not replace 0\.0\.1: better nowhere beyond the interval"):
        promote(again, models)
    with pytest.raises(BadInput, match="--force takes a reason"):
        promote(again, models, force="  ")
    assert read_catalog(models)["tiny"].name == "0.0.1"
    promote(again, models, force="to see that it can be done")
    assert read_catalog(models)["tiny"].name == "0.0.2"
    card = (again / "card.md").read_text()
    assert "**Forced, because: to see that it can be done**" in card
    assert "| fire · flame AP50 |" in card
    assert rollback("tiny", models).version == "0.0.1"
    assert read_catalog(models)["tiny"].name == "0.0.1"
    with pytest.raises(BadInput, match="there was no champion of tiny before"):
        rollback("tiny", models)


def test_a_run_is_averaged_with_what_it_went_on_from(places: Places) -> None:
    run = read_run(next(path.parent for path in places.runs.glob("*/run.json")))
    parent = read_catalog(MODELS)["fire"]
    with pytest.raises(BadInput, match="a share lies between 0 and 1"):
        average(run, parent, 1.0, places)
    made = read_run(average(run, parent, 0.25, places))
    mixed, own, old = (load_model(path).state_dict() for path in (made.checkpoint(), run.checkpoint(), parent / "weights.pt"))
    key = next(name for name in own if name.endswith("conv.weight"))
    assert torch.allclose(mixed[key], 0.25 * own[key] + 0.75 * old[key], atol=1e-3)
    assert made.record["averaged"] == {"with": read_bundle(parent).reference, "share": 0.25}
    with pytest.raises(Conflict, match="already there"):
        average(run, parent, 0.25, places)
    shutil.rmtree(made.folder)


def test_a_val_picture_that_changed_is_noticed(places: Places, tmp_path: Path) -> None:
    run = read_run(next(path.parent for path in places.runs.glob("*/run.json")))
    dataset = read_dataset(DESCRIPTIONS, "rendered")
    assert val_images(run, dataset, places)
    changed = tmp_path / "pictures"
    shutil.copytree(places.pictures, changed)
    (changed / "rendered/labels/040.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    with pytest.raises(BadLabel, match=r"040\.jpg: it or its label changed"):
        val_images(run, dataset, Places(changed, DESCRIPTIONS, places.runs, MODELS))


def test_neither_bundle_nor_run_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    from training.evaluate import main

    monkeypatch.setenv("BALEFIRE_DATASETS", str(tmp_path))
    app = typer.Typer()
    app.command()(main)
    said = CliRunner().invoke(app, [str(tmp_path)])
    assert said.exit_code == 2
    assert said.output.strip() == f"refused: {tmp_path}: neither a bundle (bundle.toml) nor a run (run.json)"


def test_one_command_goes_from_recipe_to_bundle_and_makes_no_second_one(places: Places, tmp_path: Path) -> None:
    text = (CHECKOUT / "configs/training/tiny.toml").read_text().replace("epochs = 2", "epochs = 1")
    (tmp_path / "tiny.toml").write_text(text.replace("yolo26n.yaml", str(MODELS / "fire" / read_catalog(MODELS)["fire"].name)))
    made = full("tiny", places, "cpu", recipes=tmp_path)
    assert (made.name, read_bundle(made).name) == ("0.1.0", "tiny")
    assert full("tiny", places, "cpu", recipes=tmp_path) == made
    assert not (made.parent / "0.2.0").exists()
    with pytest.raises(BadSetting, match=r"tinny\.toml: no such recipe; there are tiny"):
        full("tinny", places, "cpu", recipes=tmp_path)
