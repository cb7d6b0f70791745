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
    assert counts == {key: source.pictures for key, source in dataset.sources.items()}
