"""A study's variants differ in what the file says and in nothing else; the studies that stand there can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from balefire.domain.errors import BadSetting
from balefire.strict_toml import read_toml
from training.data import read_dataset
from training.places import CHECKOUT, DESCRIPTIONS
from training.recipe import Recipe, read_recipe
from training.study import Study, merged, variants_of


def test_tables_are_merged_key_by_key_and_the_mix_is_replaced_whole() -> None:
    before = {"a": 1, "schedule": {"epochs": 2, "batch": 16}, "repeat": {"x": 2.0}}
    after = merged(before, {"schedule": {"epochs": 5}, "repeat": {}})
    assert after == {"a": 1, "schedule": {"epochs": 5, "batch": 16}, "repeat": {}}
    assert before["schedule"] == {"epochs": 2, "batch": 16}


@pytest.mark.parametrize("path", sorted((CHECKOUT / "configs/training/studies").glob("*.toml")), ids=lambda path: path.stem)
def test_every_study_that_stands_there_can_be_run(path: Path) -> None:
    study, recipe, variants = _read(path)
    base = variants.pop("as it is")
    assert variants
    for name, variant in variants.items():
        assert variant != base, name
        assert variant.schedule.seed == base.schedule.seed
    assert base.export == recipe.export
    assert study.recipe.parent == Path("configs/training")


def test_a_source_at_a_time_is_left_out(tmp_path: Path) -> None:
    recipe = read_recipe(CHECKOUT / "configs/training/fire.toml")
    study = Study(recipe=Path("configs/training/fire.toml"), leave_one_source_out=True)
    found = variants_of(study, recipe, ["cctv", "web-photo"], "study")
    assert found["without cctv"].exclude_sources == ["cctv"]
    assert set(found) == {"as it is", "without cctv", "without web-photo"}
    with pytest.raises(BadSetting, match=r"study: typo: unknown key augmentation\.mosiac; did you mean mosaic"):
        variants_of(study.model_copy(update={"variants": {"typo": {"augmentation": {"mosiac": 0}}}}), recipe, [], "study")


def _read(path: Path) -> tuple[Study, Recipe, dict[str, Recipe]]:
    study = read_toml(path, Study)
    recipe = read_recipe(CHECKOUT / study.recipe)
    return study, recipe, variants_of(study, recipe, read_dataset(DESCRIPTIONS, recipe.dataset).sources, str(path))
