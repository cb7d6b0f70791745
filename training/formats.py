"""Labelled sets as others write them: YOLO folders, COCO JSON, CVAT's "Ultralytics YOLO Detection 1.0" zips.

https://docs.ultralytics.com/datasets/detect/ · https://cocodataset.org/#format-data ·
https://docs.cvat.ai/docs/dataset_management/formats/format-yolo-ultralytics/
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from balefire.domain.errors import BadInput, BadLabel
from balefire.vision.headers import read_header
from training.annotated import Annotated, AnnotatedSet
from training.labels import LabelBox, checked_box, format_labels, read_labels

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
MOST_UNPACKED = 50 << 30  # bytes: a zip that claims more is none that people made
ROOMS = {"train", "val", "valid", "test", "images", "data"}
PIXEL_SLACK = 0.5  # of a pixel: COCO's boxes are often rounded
DIGITS = 10  # of a label that is written: a box is the same again after any number of round trips


def read_yolo(folder: Path, classes: Sequence[str] = ()) -> AnnotatedSet:
    """A folder with data.yaml (`names`, and `train`/`val`/`test`: folders or lists), or with `images/` and `labels/` alone.

    A picture without a label file is refused: forgotten labels look like backgrounds. Raises BadLabel with file and line.
    """
    described = next((folder / name for name in ("data.yaml", "dataset.yaml") if (folder / name).is_file()), None)
    splits: dict[str, list[Path]]
    if described is None:
        splits, names = {"train": _pictures_below(folder)}, tuple(classes)
    else:
        splits, names = _described(described)
    if not names:
        raise BadLabel(f"{folder}: no data.yaml names the classes; give them")
    found = [_from_yolo(path, split, names) for split, paths in splits.items() for path in paths]
    return _whole(folder, names, found)


def read_coco(path: Path, pictures: Path, split: str = "train", classes: Sequence[str] = ()) -> AnnotatedSet:
    """One COCO JSON, its pictures below `pictures`. Raises BadLabel with the number of the first faulty annotation."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        categories = sorted(table["categories"], key=lambda row: int(row["id"]))
        images = {int(row["id"]): row for row in table["images"]}
        annotations = list(table["annotations"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadLabel(f"{path}: not a COCO file: {error!r}") from error
    names = tuple(classes) or tuple(str(row["name"]) for row in categories)
    index = {int(row["id"]): names.index(str(row["name"])) if row["name"] in names else -1 for row in categories}
    boxes: dict[int, list[LabelBox]] = {key: [] for key in images}
    for number, row in enumerate(annotations, start=1):
        where = f"{path}: annotation {number}"
        try:
            image, kind, xywh = int(row["image_id"]), index[int(row["category_id"])], [float(v) for v in row["bbox"]]
            size = images[image]["width"], images[image]["height"]
        except (KeyError, TypeError, ValueError) as error:
            raise BadLabel(f"{where}: names no image, category or bbox that is there ({error!r})") from error
        if kind < 0:
            raise BadLabel(f"{where}: unknown class {row['category_id']}")
        boxes[image].append(_from_pixels(kind, xywh, size, where))
    found = []
    for key, row in images.items():
        picture = pictures / str(row["file_name"])
        width, height = _size(picture, f"{path}: image {key}")
        if (width, height) != (row["width"], row["height"]):
            raise BadLabel(f"{path}: image {key} is {row['width']}x{row['height']} there, {picture} is {width}x{height}")
        found.append(Annotated(_flat(str(row["file_name"])), picture, split, width, height, tuple(boxes[key])))
    return _whole(path, names, found)


def read_cvat(path: Path, into: Path) -> AnnotatedSet:
    """A zip as CVAT exports it, unpacked into the folder `into`. Raises BadLabel; nothing is written outside of `into`."""
    try:
        with zipfile.ZipFile(path) as file:
            _check_entries(path, file)
            file.extractall(into)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise BadLabel(f"{path}: not a zip that can be read: {error}") from error
    return read_yolo(into)


def write_yolo(whole: AnnotatedSet, folder: Path) -> None:
    """images/<split>/, labels/<split>/, <split>.txt and data.yaml, as Ultralytics and CVAT read them back."""
    for split, pictures in whole.splits.items():
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True, exist_ok=True)
        for one in pictures:
            shutil.copyfile(one.picture, folder / "images" / split / one.name)
            labels = folder / "labels" / split / f"{Path(one.name).stem}.txt"
            labels.write_text(format_labels(one.boxes, DIGITS), encoding="ascii")
        listed = "".join(f"data/images/{split}/{one.name}\n" for one in pictures)
        (folder / f"{split}.txt").write_text(listed, encoding="utf-8")
    described = {"path": ".", "names": dict(enumerate(whole.classes)), **{split: f"{split}.txt" for split in whole.splits}}
    (folder / "data.yaml").write_text(yaml.safe_dump(described, allow_unicode=True, sort_keys=False), encoding="utf-8")


def write_coco(whole: AnnotatedSet, folder: Path) -> None:
    """images/, and annotations/<split>.json; boxes in pixels with fractions, so that none is moved."""
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").mkdir()
    categories = [{"id": k, "name": name} for k, name in enumerate(whole.classes, start=1)]
    for split, pictures in whole.splits.items():
        images, annotations = list[dict[str, Any]](), list[dict[str, Any]]()
        for key, one in enumerate(pictures, start=1):
            shutil.copyfile(one.picture, folder / "images" / one.name)
            images.append({"id": key, "file_name": one.name, "width": one.width, "height": one.height})
            for box in one.boxes:
                x1, y1, _, _ = box.xyxy
                xywh = [x1 * one.width, y1 * one.height, box.w * one.width, box.h * one.height]
                annotations.append({
                    "id": len(annotations) + 1, "image_id": key, "category_id": box.class_index + 1,
                    "bbox": [round(value, 6) for value in xywh], "area": round(xywh[2] * xywh[3], 6), "iscrowd": 0,
                })  # fmt: skip
        table = {"images": images, "annotations": annotations, "categories": categories}
        (folder / "annotations" / f"{split}.json").write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")


def write_cvat(whole: AnnotatedSet, path: Path, scratch: Path) -> None:
    """A zip for CVAT's import. scratch: an empty folder to lay it out in."""
    write_yolo(whole, scratch)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:  # pictures are compressed already
        for one in sorted(scratch.rglob("*")):
            if one.is_file():
                file.write(one, one.relative_to(scratch).as_posix())


def _described(path: Path) -> tuple[dict[str, list[Path]], tuple[str, ...]]:
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        named = table["names"]
        names = [str(named[key]) for key in sorted(named, key=int)] if isinstance(named, dict) else [str(one) for one in named]
        root = path.parent / str(table.get("path") or ".")
        root = root if root.is_dir() else path.parent
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise BadLabel(f"{path}: not a description of a YOLO set: {error!r}") from error
    splits = {
        split: [picture for part in _as_list(table[split]) for picture in _part(path, root, part)]
        for split in ("train", "val", "test")
        if table.get(split)
    }
    return splits, tuple(names)


def _as_list(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _part(described: Path, root: Path, part: str) -> list[Path]:
    """A folder of pictures, or a list of them; CVAT writes `data/images/…` in its lists for what lies in `images/…`."""
    place = root / part
    if place.is_dir():
        return _pictures_below(place)
    if place.suffix != ".txt" or not place.is_file():
        raise BadLabel(f"{described}: {part} is neither a folder of pictures nor a list")
    found = []
    for number, row in enumerate(place.read_text(encoding="utf-8").splitlines(), start=1):
        tries = [root / row.strip(), root / row.strip().removeprefix("data/")]
        picture = next((path for path in tries if path.is_file()), None)
        if picture is None and row.strip():
            raise BadLabel(f"{place}:{number}: no such picture: {row.strip()}")
        if picture is not None:
            found.append(picture)
    return found


def _pictures_below(folder: Path) -> list[Path]:
    place = folder / "images" if (folder / "images").is_dir() else folder
    found = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise BadLabel(f"{folder}: no pictures in it ({', '.join(SUFFIXES)})")
    return found


def _from_yolo(picture: Path, split: str, classes: Sequence[str]) -> Annotated:
    parts = list(picture.parts)
    if "images" not in parts:
        raise BadLabel(f"{picture}: YOLO's pictures lie below images/, their labels below labels/")
    at = len(parts) - 1 - parts[::-1].index("images")
    labels = Path(*parts[:at], "labels", *parts[at + 1 :]).with_suffix(".txt")
    width, height = _size(picture, str(picture))
    return Annotated(_flat("/".join(parts[at + 1 :])), picture, split, width, height, tuple(read_labels(labels, len(classes))))


def _from_pixels(kind: int, xywh: list[float], size: tuple[int, int], where: str) -> LabelBox:
    """COCO's x, y, w, h in pixels. What sticks out by a rounding is cut back. Raises BadLabel beyond that."""
    if len(xywh) != 4:
        raise BadLabel(f"{where}: a bbox is x, y, width, height, got {xywh}")
    (x, y, w, h), (width, height) = xywh, size
    if not (x >= -PIXEL_SLACK and y >= -PIXEL_SLACK and x + w <= width + PIXEL_SLACK and y + h <= height + PIXEL_SLACK):
        raise BadLabel(f"{where}: box outside the picture of {width}x{height}: {xywh}")
    x1, y1, x2, y2 = max(x, 0.0), max(y, 0.0), min(x + w, width), min(y + h, height)
    box = LabelBox(kind, (x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
    return checked_box(box, where)


def _size(picture: Path, where: str) -> tuple[int, int]:
    try:
        header = read_header(picture.read_bytes())
    except FileNotFoundError as error:
        raise BadLabel(f"{where}: no such picture: {picture}") from error
    except (BadInput, OSError) as error:
        raise BadLabel(f"{picture}: cannot be read: {error}") from error
    return header.width, header.height


def _flat(name: str) -> str:
    """One folder's file name for a picture that lay deeper: splits are dropped, what else there was is kept."""
    parts = [
        part for part in PurePosixPath(name).parts if part.lower() not in ("train", "val", "valid", "test", "images", "data")
    ]
    return "_".join(parts)


def _whole(where: Path, classes: Sequence[str], found: Sequence[Annotated]) -> AnnotatedSet:
    names: dict[str, Path] = {}
    for one in found:
        stem = Path(one.name).stem
        if stem in names:
            raise BadLabel(f"{where}: two labels for one picture: {names[stem]} and {one.picture} are both {stem}")
        names[stem] = one.picture
    return AnnotatedSet(tuple(classes), tuple(found))


def _check_entries(path: Path, file: zipfile.ZipFile) -> None:
    """Raises BadLabel for an entry that would be written elsewhere, and for more bytes than anybody labels."""
    total = 0
    for entry in file.infolist():
        inside = PurePosixPath(entry.filename)
        if inside.is_absolute() or ".." in inside.parts or "\\" in entry.filename:
            raise BadLabel(f"{path}: {entry.filename} would be written outside of the folder")
        total += entry.file_size
    if total > MOST_UNPACKED:
        raise BadLabel(f"{path}: {total} bytes when unpacked; at most {MOST_UNPACKED}")
