"""Pseudo-labels in a training set: what the released detector sees joins train alone, beside what its label files say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from balefire.domain.errors import BadSetting, BundleMismatch
from tests.training.small_set import RECIPE, image, label, small_set, write
from training.labels import label_path, read_labels
from training.places import Places
from training.prepare import prepare
from training.recipe import PseudoLabels, Recipe

TEACHER = Path(__file__).parents[2] / "models/fire/0.2.0"
SMOKE, OTHER_SMOKE, FLAME = (TEACHER / f"golden/rendered-{name}.jpg" for name in ("100001", "100003", "100004"))
ASKED = PseudoLabels(bundle=str(TEACHER), sources=["grey"], classes=["smoke"], min_confidence=0.5)
RECIPE_WITH_TEACHER = RECIPE.model_copy(update={"pseudo_labels": ASKED})


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The small set; 0 and 1 of train hold smoke that no label file names, 2 a flame; 5 of val holds smoke."""
    places = small_set(tmp_path)
    for number, picture in ((0, SMOKE), (2, FLAME), (5, OTHER_SMOKE)):
        write(places.pictures / image(number), picture.read_bytes())
    return places


def _with(**change: object) -> Recipe:
    return RECIPE.model_copy(update={"pseudo_labels": ASKED.model_copy(update=change)})


def test_smoke_that_is_seen_joins_the_labels_of_train(places: Places) -> None:
    prepared = prepare(RECIPE_WITH_TEACHER, places)
    assert [one.boxes for one in prepared.samples] == [{"flame": 1, "smoke": 1}, {}, {"flame": 1}, {}, {"flame": 1}, {}]
    theirs = read_labels(label(places, 0), 2)
    laid = read_labels(label_path(prepared.folder / image(0)), 2)
    assert laid[: len(theirs)] == theirs, "nothing is written where the pictures lie"
    assert [box.class_index for box in laid] == [0, 1]
    manifest = [json.loads(row) for row in (prepared.folder / "manifest.jsonl").read_text().splitlines()]
    assert next(row for row in manifest if row["image"] == image(0))["boxes"] == {"flame": 1, "smoke": 1}


def test_what_is_labelled_already_is_not_labelled_twice(places: Places) -> None:
    seen = read_labels(label_path(prepare(RECIPE_WITH_TEACHER, places).folder / image(0)), 2)[1]
    write(label(places, 0), f"1 {seen.cx + 0.01:.6f} {seen.cy:.6f} {seen.w:.6f} {seen.h:.6f}\n")
    assert prepare(RECIPE_WITH_TEACHER, places).samples[0].boxes == {"smoke": 1}
    assert prepare(RECIPE_WITH_TEACHER, places).fingerprint == prepare(RECIPE, places).fingerprint


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": ["stones"]}, "pseudo_labels: stones is no source of small"),
        ({"classes": ["rubble"]}, "pseudo_labels: rubble is no class of small"),
    ],
)
def test_what_cannot_be_labelled_is_refused(places: Places, change: dict[str, object], said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        prepare(_with(**change), places)
    assert not list((places.runs / "sets").glob("*")), "nothing half-written stays"


def test_free_weights_have_no_teacher_that_is_not_free(places: Places) -> None:
    with pytest.raises(BadSetting, match="not free for commercial use"):
        prepare(RECIPE_WITH_TEACHER.model_copy(update={"commercial_use": True}), places)


def test_a_teacher_that_is_not_there_is_named(places: Places, tmp_path: Path) -> None:
    with pytest.raises((BadSetting, BundleMismatch), match="no-such-bundle"):
        prepare(_with(bundle=str(tmp_path / "no-such-bundle")), places)
