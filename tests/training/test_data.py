"""The described data sets against the labelled pictures themselves."""

from __future__ import annotations

from collections import Counter

import pytest

from tests import needs
from training.data import read_dataset, read_list, source_of
from training.places import DESCRIPTIONS

SETS = [path.parent.name for path in sorted(DESCRIPTIONS.glob("*/dataset.toml")) if path.parent.name != "rendered"]


@pytest.mark.parametrize("name", SETS)
def test_a_description_counts_the_pictures_of_its_lists(name: str) -> None:
    root = needs.datasets()
    dataset = read_dataset(DESCRIPTIONS, name)
    lists = [*dataset.lists.train, *dataset.lists.val, *(test.path for test in dataset.lists.test.values())]
    counts = Counter(source_of(dataset, image) for path in lists for image in read_list(root, path))
    for key in set(dataset.sources) - set(counts):  # a recipe brings these: by add_lists, or as cut-outs to compose
        folder = root / dataset.sources[key].path
        counts[key] = sum(file.suffix in (".jpg", ".png", ".webp") for file in folder.rglob("*") if file.is_file())
    assert counts == {key: source.pictures for key, source in dataset.sources.items()}
