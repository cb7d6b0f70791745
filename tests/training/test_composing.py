"""Composed pictures in a training set: in train alone, named in the manifest, the same each time."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from balefire.domain.errors import BadSetting
from balefire.vision.image import to_jpeg
from tests.training.small_set import RECIPE, image, small_set, write
from training.labels import label_path, read_labels
from training.places import Places
from training.prepare import prepare
from training.recipe import Compose, Recipe

ASKED = Compose(cutouts="pieces", backgrounds=["grey"], pictures=3, class_name="smoke")
RECIPE_WITH_HEAPS = RECIPE.model_copy(update={"compose": ASKED})


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The small set, its backgrounds large enough for a heap, and two cut-outs."""
    places = small_set(tmp_path)
    description = places.descriptions / "small/dataset.toml"
    text = description.read_text()
    source = text[text.index("[sources.grey]") :].replace("sources.grey", "sources.pieces").replace('"small"', '"pieces"')
    description.write_text(text + source)
    for number in range(8):
        write(places.pictures / image(number), to_jpeg(np.full((240, 400, 3), 30 * number, np.uint8)))
    (places.pictures / "pieces").mkdir()
    for name, colour in (("brick", (40, 60, 200)), ("concrete", (160, 160, 150))):
        piece = np.zeros((40, 60, 4), np.uint8)
        piece[4:-4, 4:-4] = (*colour, 255)
        cv2.imwrite(str(places.pictures / "pieces" / f"{name}.png"), piece)
    return places


def _with(**change: object) -> Recipe:
    return RECIPE.model_copy(update={"compose": ASKED.model_copy(update=change)})


def test_heaps_join_train_and_nothing_else(places: Places) -> None:
    prepared = prepare(RECIPE_WITH_HEAPS, places)
    composed = [one for one in prepared.samples if one.source == "pieces"]
    assert [one.split for one in composed] == ["train"] * 3
    listed = (prepared.folder / "train.txt").read_text().splitlines()
    for sample in composed:
        file = prepared.folder / sample.image
        assert str(file) in listed
        picture = cv2.imread(str(file))
        assert picture is not None
        assert picture.shape == (240, 400, 3)
        boxes = read_labels(label_path(file), 2)
        assert {box.class_index for box in boxes} == {1}
        assert sample.boxes == {"smoke": len(boxes)}
        assert not (places.pictures / sample.image).exists(), "nothing is written where the pictures lie"
    manifest = [json.loads(row) for row in (prepared.folder / "manifest.jsonl").read_text().splitlines()]
    assert sum(row["source"] == "pieces" for row in manifest) == 3


def test_the_same_recipe_makes_the_same_set_and_another_seed_another(places: Places) -> None:
    first = prepare(RECIPE_WITH_HEAPS, places).fingerprint
    assert prepare(RECIPE_WITH_HEAPS, places).fingerprint == first
    assert prepare(_with(seed=1), places).fingerprint != first
    assert prepare(RECIPE, places).fingerprint != first


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cutouts": "stones"}, "compose: stones is no source of small"),
        ({"class_name": "rubble"}, "compose: rubble is no class of small"),
        ({"backgrounds": ["pieces"]}, "compose: no training picture of pieces is without boxes"),
    ],
)
def test_what_cannot_be_composed_is_refused(places: Places, change: dict[str, object], said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        prepare(_with(**change), places)
    assert not list((places.runs / "sets").glob("*")), "nothing half-written stays"
