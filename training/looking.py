"""What a detector sees on a list of labelled pictures, beside what is there. Any "picture → boxes" can be judged so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from balefire.domain.detection import Detection
from balefire.domain.geometry import Box
from balefire.vision.detector import Detector
from balefire.vision.headers import read_header
from balefire.vision.image import decode
from training.data import Dataset, labels_of
from training.labels import LabelBox
from training.steps import steps

FLOOR = 0.001  # average precision counts boxes down to here, as Ultralytics and COCO servers do

See = Callable[[bytes], list[Detection]]


@dataclass(frozen=True, slots=True)
class Truth:
    """One labelled box: class by name, corners in shares of the picture."""

    class_name: str
    box: Box


@dataclass(frozen=True, slots=True)
class Looked:
    """One picture: its path below the pictures' folder, its size in pixels, what is there and what was seen."""

    image: str
    width: int
    height: int
    truths: tuple[Truth, ...]
    found: tuple[Detection, ...]

    def holds(self, names: Iterable[str]) -> bool:
        """Whether a box of one of these classes is there."""
        return any(truth.class_name in names for truth in self.truths)

    def best(self, names: Iterable[str]) -> float:
        """The highest score that was seen for one of these classes; 0 where none was."""
        return max((seen.confidence for seen in self.found if seen.class_name in names), default=0.0)


def seeing(detector: Detector, floor: float = FLOOR) -> See:
    """The detector as the service uses it: the same header check, decoding, letterbox and suppression."""

    def see(data: bytes) -> list[Detection]:
        header = read_header(data)
        at_least = detector.needs(header.width, header.height)
        return detector.score(decode(data, header, at_least=at_least, thermal=detector.bundle.thermal), floor)

    return see


def look_at(see: See, pictures: Path, dataset: Dataset, images: Iterable[str], title: str, console: Console) -> list[Looked]:
    """Look at each picture once. Raises BadLabel, BadInput with the file of the first fault."""
    with steps(list(images), title, console) as rows:
        return [_look(see, pictures, image, dataset) for image in rows]


def _look(see: See, pictures: Path, image: str, dataset: Dataset) -> Looked:
    data = (pictures / image).read_bytes()
    header = read_header(data)
    boxes, _ = labels_of(pictures, dataset, image)
    truths = tuple(Truth(dataset.classes[box.class_index], box_of(box)) for box in boxes)
    return Looked(image, header.width, header.height, truths, tuple(see(data)))


def box_of(label: LabelBox) -> Box:
    """Corners cut to the picture."""
    x1, y1, x2, y2 = (min(max(value, 0.0), 1.0) for value in label.xyxy)
    return Box(x1, y1, x2, y2)
