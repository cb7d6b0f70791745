"""A picture in, detections out, on a real graph in both runtimes; and the golden pictures that prove it at start."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from balefire.domain.detection import Hazard
from balefire.domain.errors import BadSetting, BundleMismatch
from balefire.vision.bundles import read_bundle
from balefire.vision.detector import Detector, load_detector
from balefire.vision.golden import check_golden, write_golden
from tests.vision.graphs import BLUE, RED, painted, write_bundle

DARK_RED, DARK_BLUE, DIM_RED = (128, 0, 0), (0, 0, 128), (26, 0, 0)


@pytest.fixture(params=["onnxruntime", "openvino"])
def detector(request: pytest.FixtureRequest, tmp_path: Path) -> Detector:
    if request.param == "openvino":
        pytest.importorskip("openvino")
    return load_detector(write_bundle(tmp_path), request.param)


LOOKS = [
    ("nothing", painted(), None, []),
    ("flame", painted((5, RED)), None, [("flame", Hazard.FLAME, 1.0)]),
    ("a class without a hazard", painted((5, BLUE)), None, [("smoke", None, 1.0)]),
    ("each class has its threshold", painted((0, DARK_RED), (3, DARK_BLUE)), None, [("smoke", None, 0.5)]),
    ("lower for both", painted((0, DARK_RED), (3, DIM_RED)), 0.2, [("flame", Hazard.FLAME, 0.5)]),
    ("higher for both", painted((0, DARK_RED), (3, DARK_BLUE)), 0.9, []),
    ("down to a tenth", painted((3, DIM_RED)), 0.1, [("flame", Hazard.FLAME, 0.1)]),
]


@pytest.mark.parametrize(("rgb", "least", "expected"), [row[1:] for row in LOOKS], ids=[row[0] for row in LOOKS])
def test_looks(
    detector: Detector, rgb: NDArray[np.uint8], least: float | None, expected: list[tuple[str, Hazard | None, float]]
) -> None:
    seen = detector.look(rgb, least)
    assert [(one.class_name, one.hazard) for one in seen] == [(name, hazard) for name, hazard, _ in expected]
    assert [one.confidence for one in seen] == pytest.approx([sure for _, _, sure in expected], abs=0.01)
    assert all(one.bundle == "toy@1.0.0" for one in seen)


@pytest.mark.parametrize("head", ["anchor-free-nms", "end-to-end"])
@pytest.mark.parametrize(("width", "height"), [(64, 64), (32, 32), (256, 64), (64, 256), (1920, 1080)])
def test_boxes_lie_where_the_colour_is(tmp_path: Path, head: str, width: int, height: int) -> None:
    """The middle quarter is red; a box is one cell of the input, wherever the picture's padding put it."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = RED
    seen = load_detector(write_bundle(tmp_path, head), "onnxruntime").look(rgb, 0.2)
    assert seen
    for one in seen:
        assert 0.2 < one.box.centre[0] < 0.8
        assert 0.2 < one.box.centre[1] < 0.8
    x1, y1, x2, y2 = (function(one.box.xyxy[side] for one in seen) for side, function in enumerate((min, min, max, max)))
    assert (x1 + x2) / 2 == pytest.approx(0.5, abs=0.02)
    assert (y1 + y2) / 2 == pytest.approx(0.5, abs=0.02)


class Says:
    """A runtime that finds the same boxes on every picture. boxes: cx, cy, w, h in px, then the two scores."""

    name = "says"
    batches = False

    def __init__(self, *boxes: tuple[float, ...]) -> None:
        self._raw = np.array(boxes, np.float32).T[None]

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._raw


PADDED = [
    ("in the padding alone", (32, 10, 20, 20, 0.9, 0), None),
    ("half in the padding", (32, 24, 32, 16, 0.9, 0), (0.25, 0.0, 0.75, 0.5)),
    ("over the edge", (64, 32, 64, 64, 0.9, 0), (0.5, 0.0, 1.0, 1.0)),
]


@pytest.mark.parametrize(("box", "expected"), [row[1:] for row in PADDED], ids=[row[0] for row in PADDED])
def test_boxes_end_where_the_picture_does(tmp_path: Path, box: tuple[float, ...], expected: tuple[float, ...] | None) -> None:
    """A picture of 64 x 16 px lies between rows 24 and 40 of the input."""
    detector = Detector(read_bundle(write_bundle(tmp_path)), tmp_path, Says(box))
    seen = detector.look(np.zeros((16, 64, 3), np.uint8))
    assert [one.box.xyxy for one in seen] == ([] if expected is None else [pytest.approx(expected)])


def test_scores_go_down_to_the_floor(detector: Detector) -> None:
    rgb = painted((0, RED), (5, DARK_RED), (10, DIM_RED), (15, (10, 0, 0)))
    assert [round(one.confidence, 1) for one in detector.score(rgb)] == [1.0, 0.5, 0.1]


@pytest.mark.parametrize(("size", "expected"), [((1920, 1080), (64, 36)), ((30, 40), (30, 40)), ((1080, 1920), (36, 64))])
def test_needs_no_more_than_the_graph_sees(tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert load_detector(write_bundle(tmp_path), "onnxruntime").needs(*size) == expected


def test_an_answer_stays_when_the_next_comes(detector: Detector) -> None:
    first = detector.runtime.run(np.ones((1, 3, 64, 64), np.float32))
    kept = first.copy()
    detector.runtime.run(np.linspace(0, 1, 3 * 64 * 64, dtype=np.float32).reshape(1, 3, 64, 64))
    assert (first == kept).all()


def test_many_threads_may_look(detector: Detector) -> None:
    rgbs = [painted((index, RED)) for index in range(16)]
    alone = [detector.look(rgb) for rgb in rgbs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.look, rgbs * 4)) == alone * 4


def test_runtimes_by_name(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path)
    assert load_detector(folder, "onnxruntime").runtime.name == "onnxruntime"
    with pytest.raises(BadSetting, match="one of auto, onnxruntime, openvino, cuda, got tensorrt"):
        load_detector(folder, "tensorrt")


def test_cuda_is_refused_where_there_is_none(tmp_path: Path) -> None:
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(BadSetting, match="has no CUDA"):
        load_detector(write_bundle(tmp_path), "cuda")
    assert load_detector(tmp_path, "auto").runtime.name == "onnxruntime"


def golden(folder: Path) -> Detector:
    """Twelve pictures with three boxes each."""
    detector = load_detector(write_bundle(folder), "onnxruntime")
    pictures = {f"{index}.png": painted((index, RED), (index + 1, BLUE), (index + 3, DARK_RED)) for index in range(11)}
    write_golden(detector, {**pictures, "last.jpg": painted((0, RED), (5, RED), (10, RED))})
    return detector


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_golden_pictures_are_seen_again(tmp_path: Path, runtime: str) -> None:
    golden(tmp_path)
    assert check_golden(load_detector(tmp_path, runtime)) == 1.0


def test_golden_boxes_have_the_documented_form(tmp_path: Path) -> None:
    detector = load_detector(write_bundle(tmp_path), "onnxruntime")
    write_golden(detector, {"a.png": painted((5, RED)), "b.png": painted()})
    expected = {"a.png": [{"class": "flame", "confidence": 1.0, "box": [0.25, 0.25, 0.5, 0.5]}], "b.png": []}
    assert json.loads((tmp_path / "golden" / "boxes.json").read_text()) == expected


def forget_a_picture(folder: Path) -> None:
    (folder / "golden" / "3.png").unlink()


def swap_pictures(folder: Path) -> None:
    (folder / "golden" / "3.png").write_bytes((folder / "golden" / "7.png").read_bytes())


def blank_a_picture(folder: Path) -> None:
    cv2.imwrite(str(folder / "golden" / "3.png"), painted())


def break_a_picture(folder: Path) -> None:
    (folder / "golden" / "3.png").write_bytes(b"no picture")


def rewrite(name: str, rows: Callable[[list[Row]], list[Row]]) -> Callable[[Path], None]:
    """Change what is expected of one picture."""

    def apply(folder: Path) -> None:
        path = folder / "golden" / "boxes.json"
        boxes = json.loads(path.read_text())
        path.write_text(json.dumps({**boxes, name: rows(boxes[name])}))

    return apply


def other(**changed: object) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{**row, **{key.rstrip("_"): value for key, value in changed.items()}} for row in rows]


def expect(text: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / "golden" / "boxes.json").write_text(text)

    return apply


Row = dict[str, object]
GOLDEN_FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (forget_a_picture, "3.png"),
    (swap_pictures, "66 of 72 boxes match at IoU 0.9 in onnxruntime; at least 97% have to"),
    (blank_a_picture, "66 of 69 boxes match"),
    (break_a_picture, "3.png: not a JPEG"),
    (rewrite("3.png", lambda rows: []), "66 of 69 boxes match"),  # found, but not expected
    (rewrite("3.png", other(box=[0, 0, 0.2, 0.2])), "66 of 72 boxes match"),
    (rewrite("last.jpg", other(class_="smoke")), "66 of 72 boxes match"),
    (rewrite("last.jpg", other(confidence=0.5)), "66 of 72 boxes match"),
    (rewrite("3.png", other(box=[0.5, 0, 0.2, 0.2])), "boxes.json: .*a box lies within the picture"),
    (expect("{}"), "no box is expected and none is found"),
    (expect("["), "boxes.json: Invalid JSON"),
    (lambda folder: (folder / "golden" / "boxes.json").unlink(), "boxes.json: cannot be read"),
]


@pytest.mark.parametrize(("fault", "words"), GOLDEN_FAULTS)
def test_a_golden_check_that_fails(tmp_path: Path, fault: Callable[[Path], None], words: str) -> None:
    detector = golden(tmp_path)
    fault(tmp_path)
    with pytest.raises(BundleMismatch, match=words):
        check_golden(detector)


def test_golden_pictures_that_show_nothing_are_no_check(tmp_path: Path) -> None:
    detector = load_detector(write_bundle(tmp_path), "onnxruntime")
    with pytest.raises(BundleMismatch, match="sees nothing on its golden pictures"):
        write_golden(detector, {"a.png": painted()})
