"""Preparing a set: what is refused, what is kept, and a fingerprint that changes with every picture, label and split."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from balefire.domain.errors import BadInput
from balefire.vision.image import to_jpeg
from tests.training.small_set import RECIPE, image, label, small_set, write, write_list
from training.places import Places
from training.prepare import prepare

Change = Callable[[Places], object]


def move_to_val(places: Places) -> None:
    write_list(places, "train", [0, 1, 2])
    write_list(places, "val", [3, 4, 5])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda places: write_list(places, "val", [3, 4]), "small/images/3.jpg: stands in train and in val"),
        (lambda places: write_list(places, "test", [0, 6]), "small/images/0.jpg: stands in train and in test all"),
        (lambda places: write_list(places, "test", [5, 6]), "small/images/5.jpg: stands in val and in test all"),
        (lambda places: write_list(places, "train", [0, 1, 0]), "small/images/0.jpg 2 times"),
        (lambda places: write_list(places, "train", [0, 9]), "9.jpg: train names it, but there is no such picture"),
        (lambda places: write_list(places, "train", []), "the training set is empty"),
        (lambda places: (places.pictures / "lists/small.val.txt").unlink(), "small.val.txt: no such list"),
        (lambda places: label(places, 2).unlink(), "2.txt: no such label file"),
        (lambda places: write(label(places, 2), "0 0.9 0.5 0.5 0.5\n"), "2.txt:1: box outside the picture"),
        (lambda places: write(label(places, 2), "7 0.5 0.5 0.5 0.5\n"), "2.txt:1: class 7 does not exist"),
        (lambda places: write(places.pictures / "lists/small.val.txt", "other/images/4.jpg\n"), "no source holds"),
    ],
)
def test_a_faulty_set_is_refused_and_nothing_stays(tmp_path: Path, change: Change, said: str) -> None:
    places = small_set(tmp_path)
    change(places)
    with pytest.raises(BadInput) as refused:
        prepare(RECIPE, places)
    assert said in str(refused.value)
    assert not [*places.runs.rglob("*")]


def test_a_set_is_laid_out_once_and_nothing_is_written_beside_the_pictures(tmp_path: Path) -> None:
    places = small_set(tmp_path)
    before = sorted(places.pictures.rglob("*"))
    first = prepare(RECIPE, places)
    made = (first.folder / "data.yaml").stat().st_mtime_ns
    again = prepare(RECIPE, places)
    assert (first.folder, made) == (again.folder, (again.folder / "data.yaml").stat().st_mtime_ns)
    assert (first.folder / image(0)).read_bytes() == (places.pictures / image(0)).read_bytes()
    assert sorted(places.pictures.rglob("*")) == before
    assert [sample.boxes for sample in first.samples] == [{"flame": 1}, {}, {"flame": 1}, {}, {"flame": 1}, {}]


@pytest.mark.parametrize(
    "change",
    [
        lambda places: write(label(places, 0), "1 0.5 0.5 0.25 0.5\n"),
        lambda places: write(places.pictures / image(0), (places.pictures / image(1)).read_bytes()),
        move_to_val,
    ],
    ids=["label", "picture", "split"],
)
def test_the_fingerprint_changes(tmp_path: Path, change: Change) -> None:
    places = small_set(tmp_path)
    before = prepare(RECIPE, places).fingerprint
    assert prepare(RECIPE, places).fingerprint == before
    change(places)
    assert prepare(RECIPE, places).fingerprint != before


def test_what_is_not_trained_on_still_judges(tmp_path: Path) -> None:
    places = small_set(tmp_path)
    text = (places.descriptions / "small/dataset.toml").read_text()
    other = text[text.index("[sources.grey]") :].replace("sources.grey", "sources.other").replace('"small"', '"other"')
    write(places.descriptions / "small/dataset.toml", text + other)
    for kind, data in (("images/0.jpg", to_jpeg(np.full((48, 64, 3), 250, np.uint8))), ("labels/0.txt", "")):
        write(places.pictures / "other" / kind, data)
    write(places.pictures / "lists/more.txt", "other/images/0.jpg\n")
    prepared = prepare(RECIPE.model_copy(update={"exclude_sources": ["grey"], "add_lists": ["lists/more.txt"]}), places)
    assert [(one.split, one.source) for one in prepared.samples] == [("train", "other"), ("val", "grey"), ("val", "grey")]


def test_a_source_that_is_left_out_leaves_nothing_to_train_on(tmp_path: Path) -> None:
    places = small_set(tmp_path)
    with pytest.raises(BadInput, match="the training set is empty"):
        prepare(RECIPE.model_copy(update={"exclude_sources": ["grey"]}), places)
    with pytest.raises(BadInput, match="gray is no source of small"):
        prepare(RECIPE.model_copy(update={"exclude_sources": ["gray"]}), places)
