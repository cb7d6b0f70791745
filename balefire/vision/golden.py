"""Golden pictures: a bundle's own proof that on this machine, in this runtime, it sees what it saw when it was made.

golden/boxes.json   {"<file>": [{"class": str, "confidence": 0–1, "box": [x1, y1, x2, y2]}]}   boxes 0–1
golden/<file>       PNG, or JPEG where the name ends so; rendered pictures, of no real place
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import cv2
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from balefire.domain.detection import Detection
from balefire.domain.errors import BadInput, BundleMismatch
from balefire.domain.geometry import Box
from balefire.vision.detector import FLOOR, Detector
from balefire.vision.image import Rgb, decode, read_header, to_jpeg

LEAST_IOU = 0.9
LEAST_SHARE = 0.97
LEAST_CONFIDENCE = 0.1  # what is written down
MOST_DIFFERENCE = 0.05  # in confidence: no more than an instruction set may move a score

Share = Annotated[float, Field(ge=0, le=1)]
Corners = tuple[Share, Share, Share, Share]


def _with_area(corners: Corners) -> Corners:
    Box(*corners)  # raises ValueError where there is none
    return corners


class GoldenBox(BaseModel):
    """One expected box."""

    class_name: str = Field(alias="class")
    confidence: Share
    box: Annotated[Corners, AfterValidator(_with_area)]


GOLDEN = TypeAdapter(dict[str, list[GoldenBox]])


def write_golden(detector: Detector, pictures: Mapping[str, Rgb]) -> None:
    """Write `golden/` into the detector's folder. pictures: file name (.png, .jpg) → (h, w, 3) uint8 RGB.

    Raises BundleMismatch where nothing is seen on any of them: such a check could not fail.
    """
    folder = detector.folder / "golden"
    folder.mkdir(exist_ok=True)
    boxes: dict[str, list[dict[str, object]]] = {}
    for name, rgb in pictures.items():
        (folder / name).write_bytes(_encoded(name, rgb))
        boxes[name] = [_as_json(seen) for seen in _seen(detector, folder / name, LEAST_CONFIDENCE)]
    if not any(boxes.values()):
        raise BundleMismatch(f"{folder}: the detector sees nothing on its golden pictures")
    (folder / "boxes.json").write_text(json.dumps(boxes, indent=1) + "\n", encoding="utf-8")


def check_golden(detector: Detector) -> float:
    """The share of golden boxes that are found again, and of found ones that are golden. BundleMismatch below 0.97."""
    folder = detector.folder / "golden"
    matched = counted = 0
    for name, expected in _read(folder / "boxes.json").items():
        found = _seen(detector, folder / name, FLOOR)
        golden = [(row.class_name, row.confidence, Box(*row.box)) for row in expected]
        seen = [(row.class_name, row.confidence, row.box) for row in found]
        sure = [row for row in seen if row[1] >= LEAST_CONFIDENCE + MOST_DIFFERENCE]
        matched += _matched(golden, seen) + _matched(sure, golden)
        counted += len(golden) + len(sure)
    if counted == 0:
        raise BundleMismatch(f"{folder}: no box is expected and none is found")
    if matched / counted < LEAST_SHARE:
        reason = f"{matched} of {counted} boxes match at IoU {LEAST_IOU} in {detector.runtime.name}"
        raise BundleMismatch(f"{folder}: {reason}; at least {LEAST_SHARE:.0%} have to")
    return matched / counted


Row = tuple[str, float, Box]


def _matched(rows: Iterable[Row], others: list[Row]) -> int:
    return sum(any(_same(row, other) for other in others) for row in rows)


def _same(a: Row, b: Row) -> bool:
    return a[0] == b[0] and abs(a[1] - b[1]) <= MOST_DIFFERENCE and a[2].iou(b[2]) >= LEAST_IOU


def _seen(detector: Detector, path: Path, floor: float) -> list[Detection]:
    try:
        data = path.read_bytes()
        return detector.score(decode(data, read_header(data), thermal=detector.bundle.thermal), floor)
    except (OSError, BadInput) as error:
        raise BundleMismatch(f"{path}: {error}") from error


def _read(path: Path) -> dict[str, list[GoldenBox]]:
    try:
        return GOLDEN.validate_json(path.read_bytes())
    except OSError as error:
        raise BundleMismatch(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise BundleMismatch(f"{path}: {error.errors()[0]['msg']} at {error.errors()[0]['loc']}") from error


def _encoded(name: str, rgb: Rgb) -> bytes:
    if name.endswith((".jpg", ".jpeg")):
        return to_jpeg(rgb)
    return cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()


def _as_json(seen: Detection) -> dict[str, object]:
    return {
        "class": seen.class_name,
        "confidence": round(seen.confidence, 5),
        "box": [round(value, 6) for value in seen.box.xyxy],
    }
