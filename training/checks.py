"""Every label and picture of a data set's lists, looked at once: all faults, not only the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from balefire.domain.errors import BadInput, BadLabel, BadSetting
from balefire.vision.headers import read_header
from balefire.vision.image import decode
from training.contact_sheet import Mark, Tile
from training.data import Dataset, labels_of, read_list, source_of
from training.labels import LabelBox, label_path
from training.looking import box_of
from training.steps import steps

TINY = 4.0  # pixels of the shorter side: below it nobody can tell what is boxed
WHOLE = 0.98  # of the picture: such a box says nothing about where


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with `image` (below the pictures' folder; empty where it is a list's fault). `serious`:
    preparing refuses it; the others are for eyes to judge."""

    split: str
    image: str
    what: str
    serious: bool
    boxes: tuple[LabelBox, ...] = ()

    @property
    def short(self) -> str:
        """Without the file and line."""
        return self.what.rsplit(": ", 1)[-1]

    def tile(self, root: Path) -> Tile:
        """For a contact sheet."""
        marks = tuple(Mark(box_of(box), "fault") for box in self.boxes)
        return Tile(root / self.image, (self.image[-36:], self.short), marks)


def lists_of(dataset: Dataset) -> dict[str, list[str]]:
    """Name of each split and test list → its list files."""
    tests = {f"test {name}": [test.path] for name, test in dataset.lists.test.items()}
    return {"train": dataset.lists.train, "val": dataset.lists.val, **tests}


def check_all(root: Path, dataset: Dataset, console: Console) -> list[Fault]:
    """Read every list, picture and label. Pictures are decoded whole: a picture that is cut off has a good header."""
    faults, seen = list[Fault](), dict[str, str]()
    for split, files in lists_of(dataset).items():
        images = []
        for file in files:
            try:
                images += read_list(root, file)
            except BadSetting as error:
                faults.append(Fault(split, "", str(error), serious=True))
        if split == "train" and not images:
            faults.append(Fault(split, "", "the training set is empty", serious=True))
        with steps(images, f"checking {split}", console) as walk:
            for image in walk:
                if seen.setdefault(image, split) != split:
                    faults.append(Fault(split, image, f"{image}: stands in {seen[image]} and in {split}", serious=True))
                faults += _of_picture(root, dataset, split, image)
    return faults


def _of_picture(root: Path, dataset: Dataset, split: str, image: str) -> Iterator[Fault]:
    path = root / image
    try:
        source_of(dataset, image)
        twins = [other for other in path.parent.glob(f"{_escaped(path.stem)}.*") if other != path]
        if twins:
            raise BadLabel(f"{label_path(path)}: two pictures for one label: {path.name} and {twins[0].name}")
        if not path.is_file():
            raise BadLabel(f"{path}: {split} names it, but there is no such picture")
        data = path.read_bytes()
        header = read_header(data)
        decode(data, header)
        boxes, _ = labels_of(root, dataset, image)
    except (BadInput, OSError) as error:
        said = str(error) if str(path.stem) in str(error) else f"{path}: {error}"
        yield Fault(split, image, said, serious=True)
        return
    yield from _of_boxes(split, image, str(label_path(path)), boxes, (header.width, header.height))


def _of_boxes(split: str, image: str, where: str, boxes: list[LabelBox], size: tuple[int, int]) -> Iterator[Fault]:
    for number, box in enumerate(boxes, start=1):
        if box in boxes[: number - 1]:
            yield Fault(split, image, f"{where}:{number}: the same box twice", serious=False, boxes=(box,))
        if min(box.w * size[0], box.h * size[1]) < TINY:
            yield Fault(split, image, f"{where}:{number}: a side below {TINY:g} pixels", serious=False, boxes=(box,))
        if box.w > WHOLE and box.h > WHOLE:
            yield Fault(split, image, f"{where}:{number}: the whole picture", serious=False, boxes=(box,))


def _escaped(stem: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)
