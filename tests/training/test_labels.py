"""Bad labels are refused with their file and line; good ones keep their corners."""

from __future__ import annotations

from pathlib import Path

import pytest

from balefire.domain.errors import BadLabel
from training.labels import LabelBox, label_path, read_labels


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("0 0.5 0.5 0.2 0.2\n1 0.95 0.5 0.2 0.2\n", ":2", "outside the picture"),
        ("0 0.5 0.5 0.2 0.2\n2 0.5 0.5 0.2 0.2\n", ":2", "class 2 does not exist (0 to 1)"),
        ("-1 0.5 0.5 0.2 0.2\n", ":1", "class -1 does not exist"),
        ("\n\n0 0.5 0.5 0.2\n", ":3", "expected 'class cx cy w h', got 4 fields"),
        ("0 0.5 0.5 0.2 0.2 0.9\n", ":1", "got 6 fields"),
        ("flame 0.5 0.5 0.2 0.2\n", ":1", "not a number"),
        ("0 0.5 0.5 0 0.2\n", ":1", "needs width and height"),
        ("0 0.5 0.5 nan 0.2\n", ":1", "needs width and height"),
        ("0 nan 0.5 0.2 0.2\n", ":1", "outside the picture"),
    ],
)
def test_a_bad_label_names_its_file_and_line(tmp_path: Path, text: str, where: str, why: str) -> None:
    path = tmp_path / "x.txt"
    path.write_text(text)
    with pytest.raises(BadLabel) as refused:
        read_labels(path, 2)
    assert f"{path}{where}" in str(refused.value)
    assert why in str(refused.value)


def test_a_missing_label_is_no_background(tmp_path: Path) -> None:
    with pytest.raises(BadLabel, match="a background has an empty one"):
        read_labels(tmp_path / "x.txt", 2)


def test_a_picture_called_label_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(BadLabel, match="not a text file"):
        read_labels(tmp_path / "x.txt", 2)


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("", []),
        ("1 0.5 0.25 0.5 0.5\n", [LabelBox(1, 0.5, 0.25, 0.5, 0.5)]),
        ("0 0.050001 0.5 0.1 1\n", [LabelBox(0, 0.050001, 0.5, 0.1, 1.0)]),  # sticks out by rounding alone
    ],
)
def test_good_labels_are_read_as_they_stand(tmp_path: Path, text: str, boxes: list[LabelBox]) -> None:
    path = tmp_path / "x.txt"
    path.write_text(text)
    assert read_labels(path, 2) == boxes


def test_labels_lie_beside_the_pictures() -> None:
    assert label_path(Path("fire/cctv/images/a.b.jpg")) == Path("fire/cctv/labels/a.b.txt")
