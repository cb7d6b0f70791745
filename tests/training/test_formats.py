"""Labelled sets in and out: a round trip through each form loses nothing, and what is wrong is named."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balefire.domain.errors import BadInput, BadLabel, BadSetting
from training.annotated import Annotated, AnnotatedSet
from training.formats import read_coco, read_cvat, read_yolo, write_coco, write_cvat, write_yolo
from training.importing import Shares, by_scene, with_classes
from training.labels import LabelBox

CLASSES = ("flame", "smoke", "烟")
SIZES = ((64, 48), (33, 97), (640, 360))


@st.composite
def boxes(draw: st.DrawFn) -> LabelBox:
    x1, y1 = draw(st.floats(0, 0.9)), draw(st.floats(0, 0.9))
    w, h = draw(st.floats(0.001, 1 - x1)), draw(st.floats(0.001, 1 - y1))
    return LabelBox(draw(st.integers(0, 2)), x1 + w / 2, y1 + h / 2, w, h)


names = st.text(st.characters(whitelist_categories=["L", "N"], whitelist_characters="-"), min_size=1, max_size=12)
sets = st.lists(
    st.tuples(names, st.sampled_from(["train", "val", "test"]), st.sampled_from(SIZES), st.lists(boxes(), max_size=4)),
    min_size=1, max_size=6, unique_by=lambda row: row[0].casefold(),
)  # fmt: skip


def labelled(folder: Path, rows: list[tuple[str, str, tuple[int, int], list[LabelBox]]]) -> AnnotatedSet:
    """Real pictures in `folder`, sizes and pixels of their own."""
    found = []
    for number, (name, split, (width, height), marks) in enumerate(rows):
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), np.full((height, width, 3), 6 * number, np.uint8))
        found.append(Annotated(f"{name}.png", path, split, width, height, tuple(marks)))
    return AnnotatedSet(CLASSES, tuple(found))


def through_yolo(whole: AnnotatedSet, folder: Path) -> AnnotatedSet:
    write_yolo(whole, folder / "yolo")
    return read_yolo(folder / "yolo")


def through_coco(whole: AnnotatedSet, folder: Path) -> AnnotatedSet:
    write_coco(whole, folder / "coco")
    parts = [read_coco(path, folder / "coco/images", path.stem) for path in (folder / "coco/annotations").glob("*.json")]
    return AnnotatedSet(parts[0].classes, tuple(one for part in parts for one in part.pictures))


def through_cvat(whole: AnnotatedSet, folder: Path) -> AnnotatedSet:
    (folder / "scratch").mkdir()
    write_cvat(whole, folder / "whole.zip", folder / "scratch")
    return read_cvat(folder / "whole.zip", folder / "unpacked")


@pytest.mark.parametrize("through", [through_yolo, through_coco, through_cvat])
@settings(max_examples=25, deadline=None)
@given(rows=sets)
def test_a_round_trip_loses_nothing(
    through: Callable[[AnnotatedSet, Path], AnnotatedSet], rows: list[tuple[str, str, tuple[int, int], list[LabelBox]]]
) -> None:
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        before = labelled(folder, rows)
        after = through(before, folder)
        assert after.classes == before.classes
        known = {one.name: one for one in after.pictures}
        assert known.keys() == {one.name for one in before.pictures}
        for one in before.pictures:
            back = known[one.name]
            assert (back.split, back.width, back.height) == (one.split, one.width, one.height)
            assert back.picture.read_bytes() == one.picture.read_bytes()
            assert [box.class_index for box in back.boxes] == [box.class_index for box in one.boxes]
            for ours, theirs in zip(one.boxes, back.boxes, strict=True):
                assert ours.xyxy == pytest.approx(theirs.xyxy, abs=1e-6)


@pytest.fixture
def whole(tmp_path: Path) -> AnnotatedSet:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    fire = LabelBox(0, 0.5, 0.5, 0.25, 0.25)
    return labelled(pictures, [(f"yard{n // 4}-{n}", "train", (64, 48), [fire] if n % 2 else []) for n in range(40)])


def test_what_is_wrong_in_a_coco_file_is_named(whole: AnnotatedSet, tmp_path: Path) -> None:
    write_coco(whole, tmp_path / "coco")
    path = tmp_path / "coco/annotations/train.json"
    good = json.loads(path.read_text())

    def said(change: Callable[[dict[str, list[dict[str, object]]]], object]) -> str:
        table = json.loads(json.dumps(good))
        change(table)
        path.write_text(json.dumps(table))
        with pytest.raises(BadLabel) as refused:
            read_coco(path, tmp_path / "coco/images")
        return str(refused.value)

    assert "annotation 1: box outside the picture of 64x48" in said(lambda t: t["annotations"][0].update(bbox=[60, 0, 10, 5]))
    assert "annotation 2: a box needs width" in said(lambda t: t["annotations"][1].update(bbox=[6, 0, 0, 5]))
    assert "annotation 1: names no image" in said(lambda t: t["annotations"][0].update(category_id=9))
    assert "annotation 3: names no image" in said(lambda t: t["annotations"][2].update(image_id=999))
    assert "image 1: no such picture" in said(lambda t: t["images"][0].update(file_name="gone.png"))
    assert "image 2 is 65x48 there" in said(lambda t: t["images"][1].update(width=65))
    assert "not a COCO file" in said(lambda t: t.pop("images"))


def test_what_is_wrong_in_a_yolo_folder_is_named(whole: AnnotatedSet, tmp_path: Path) -> None:
    folder = tmp_path / "yolo"
    write_yolo(whole, folder)
    labels = folder / "labels/train/yard0-1.txt"
    for text, fault in (
        ("9 0.5 0.5 0.1 0.1\n", "yard0-1.txt:1: class 9 does not exist"),
        ("0 0.5 0.5 0.1 0.1\n0 0.99 0.5 0.1 0.1\n", "yard0-1.txt:2: box outside the picture"),
    ):
        labels.write_text(text)
        with pytest.raises(BadLabel, match=fault):
            read_yolo(folder)
    labels.unlink()
    with pytest.raises(BadLabel, match=r"yard0-1\.txt: no such label file"):
        read_yolo(folder)
    labels.write_text("")
    (folder / "images/train/yard0-1.png").write_bytes(b"no picture")
    with pytest.raises(BadLabel, match=r"yard0-1\.png: cannot be read"):
        read_yolo(folder)
    (folder / "train.txt").write_text("images/train/gone.png\n")
    with pytest.raises(BadLabel, match=r"train\.txt:1: no such picture"):
        read_yolo(folder)


def test_a_zip_writes_nothing_outside_its_folder(tmp_path: Path) -> None:
    for name in ("../escaped.txt", "/absolute.txt", "a\\b.txt"):
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as file:
            file.writestr(zipfile.ZipInfo(name), "x")
        with pytest.raises(BadLabel, match="would be written outside"):
            read_cvat(tmp_path / "bad.zip", tmp_path / "in")
    (tmp_path / "bad.zip").write_text("no zip")
    with pytest.raises(BadLabel, match="not a zip"):
        read_cvat(tmp_path / "bad.zip", tmp_path / "in")
    assert not (tmp_path / "escaped.txt").exists()


def test_a_scene_is_never_parted_and_stays_where_it_is(whole: AnnotatedSet) -> None:
    parted = by_scene(whole, Shares(0.6, 0.2, 0.2), r"^(yard\d+)-")
    of = {one.name: one.split for one in parted.pictures}
    assert {len({of[name] for name in of if name.startswith(f"yard{scene}-")}) for scene in range(10)} == {1}
    assert len(set(of.values())) > 1
    fewer = by_scene(replace(whole, pictures=whole.pictures[:12]), Shares(0.6, 0.2, 0.2), r"^(yard\d+)-")
    assert all(of[one.name] == one.split for one in fewer.pictures)
    with pytest.raises(BadSetting, match="add up to 1"):
        Shares(0.6, 0.2, 0.3)


def test_classes_go_by_name(whole: AnnotatedSet) -> None:
    turned = with_classes(whole, ["smoke", "flame"], "mine")
    assert {box.class_index for one in turned.pictures for box in one.boxes} == {1}
    with pytest.raises(BadInput, match="mine: unknown class flame; the data set has waste_pile"):
        with_classes(whole, ["waste_pile"], "mine")
