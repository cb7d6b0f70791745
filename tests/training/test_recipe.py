"""Recipes: a misspelt key names the near one, and those of the repository are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from balefire.domain.errors import BadSetting
from training.data import read_dataset
from training.places import CHECKOUT, DESCRIPTIONS
from training.recipe import read_recipe
from training.subjects import bundle_of

FIRE = (CHECKOUT / "configs/training/fire.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("image_size = 512", "imgsz = 512", "unknown key schedule.imgsz; did you mean image_size?"),
        ("epochs = 10", "epoch = 12", "unknown key schedule.epoch; did you mean epochs?"),
        ("dataset =", "data =", "unknown key data; did you mean dataset?"),
        ("false_alarm_budget = 0.03", "false_alarms = 0.03", "did you mean false_alarm_budget?"),
        ("epochs = 10", "epochs = 0", "schedule.epochs"),
        ("image_size = 512", "image_size = 500", "schedule.image_size"),
        ('flame = "flame"', 'flame = "fire"', "export.hazards"),
        ("batch = 16", "batch = ", "not valid TOML"),
    ],
)
def test_a_faulty_recipe_is_refused_with_its_key(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = tmp_path / "fire.toml"
    assert before in FIRE
    path.write_text(FIRE.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(BadSetting) as refused:
        read_recipe(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    "path",
    sorted([*(CHECKOUT / "configs/training").glob("*.toml"), *(CHECKOUT / "configs/training").glob("full/*.toml")]),
    ids=lambda path: path.stem,
)
def test_every_recipe_fits_its_data_set(path: Path) -> None:
    recipe = read_recipe(path)
    dataset = read_dataset(DESCRIPTIONS, recipe.dataset)
    bundle = bundle_of(recipe, dataset, "0.0.0", dict.fromkeys(dataset.classes, 0.5))
    assert set(bundle.hazards) <= set(bundle.classes)
    assert bundle.hazards
