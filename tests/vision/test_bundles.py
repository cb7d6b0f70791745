"""A bundle is what it says it is, or it is refused with the file and the reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from balefire.domain.detection import Hazard
from balefire.domain.errors import BadSetting, BundleMismatch
from balefire.vision.bundles import read_bundle, read_catalog
from balefire.vision.detector import Detector, load_detector
from balefire.vision.golden import check_golden, write_golden
from balefire.vision.runtimes import choose_runtime
from tests.vision.graphs import anchors, constant_graph, write_bundle

SEEN = anchors((32, 32, 20, 20, 0.9, 0.0), (10, 10, 8, 8, 0.0, 0.4), (50, 50, 8, 8, 0.4, 0.0))
GRAPH = constant_graph(SEEN)
GREY = np.full((64, 64, 3), 90, np.uint8)


def test_it_sees_at_its_thresholds(tmp_path: Path) -> None:
    detector = load_detector(write_bundle(tmp_path / "fire", GRAPH))
    seen = detector.look(GREY)
    assert [(one.class_name, one.hazard, one.bundle) for one in seen] == [
        ("flame", Hazard.FLAME, "fire@0.0.1"),
        ("smoke", Hazard.SMOKE, "fire@0.0.1"),  # 0.4 is over smoke's 0.3 and under flame's 0.5
    ]
    assert seen[0].box.xyxy == pytest.approx((22 / 64, 22 / 64, 42 / 64, 42 / 64))
    assert len(detector.look(GREY, min_confidence=0.05)) == len(detector.score(GREY)) == 3


def test_the_end_to_end_head_sees_the_same(tmp_path: Path) -> None:
    rows = np.array([[(22, 22, 42, 42, 0.9, 0), (6, 6, 14, 14, 0.4, 1)]], np.float32)
    detector = load_detector(write_bundle(tmp_path / "fire", constant_graph(rows), head='head = "end-to-end"'))
    assert [one.class_name for one in detector.look(GREY)] == ["flame", "smoke"]


def test_a_class_may_map_to_no_hazard(tmp_path: Path) -> None:
    detector = load_detector(write_bundle(tmp_path / "fire", GRAPH, hazards='hazards = { flame = "flame" }'))
    assert [one.hazard for one in detector.look(GREY)] == [Hazard.FLAME, None]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"classes": 'classes = ["flame", "smoke", "steam"]',
          "thresholds": "thresholds = { flame = 0.5, smoke = 0.3, steam = 0.1 }"},
         r"model.onnx: expected \(1, 7, n\), got \(1, 6, 3\)"),
        ({"head": 'head = "end-to-end"'}, r"expected \(1, n, 6\)"),
        ({"head": 'head = "guess"'}, "head"),
        ({"hazards": 'hazards = { flam = "flame" }'}, "hazards names flam"),
        ({"hazards": 'hazards = { flame = "fire" }'}, "hazards.flame"),
        ({"thresholds": "thresholds = { flame = 0.5 }"}, "thresholds has no smoke"),
        ({"thresholds": "thresholds = { flame = 0.5, smoke = 3 }"}, "thresholds.smoke"),
        ({"classes": 'classes = ["flame", "flame"]'}, "twice"),
        ({"licence": 'licence = "none"\nshiny = 1'}, "unknown key shiny.*newer balefire"),
        ({"files": '[[files]]\nruntime = "onnxruntime"\nprecision = "fp32"\npaths = { "model.onnx" = "' + "0" * 64 + '" }'},
         "model.onnx: SHA-256"),
        ({"files": '[[files]]\nruntime = "onnxruntime"\nprecision = "fp32"\npaths = { "../model.onnx" = "' + "0" * 64 + '" }'},
         "does not lie in the bundle"),
        ({"files": '[[files]]\nruntime = "onnxruntime"\nprecision = "fp32"\npaths = { "gone.onnx" = "' + "0" * 64 + '" }'},
         "gone.onnx: cannot be read"),
    ],
)  # fmt: skip
def test_what_does_not_match_is_refused(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    folder = write_bundle(tmp_path / "fire", GRAPH, **changes)
    with pytest.raises(BundleMismatch, match=said):
        read_bundle(folder)


@pytest.mark.parametrize(
    "model", [b"", b"hello", b"\x08\x09" * 50, GRAPH[: len(GRAPH) // 2]], ids=["empty", "text", "bytes", "half"]
)
def test_a_graph_that_is_none_is_refused(tmp_path: Path, model: bytes) -> None:
    with pytest.raises(BundleMismatch, match=r"model\.onnx|fire"):
        load_detector(write_bundle(tmp_path / "fire", model))


def test_external_data_is_refused(tmp_path: Path) -> None:
    model = onnx.load_from_string(GRAPH)
    tensor = next(one for one in model.graph.initializer if one.name == "constant")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    with pytest.raises(BundleMismatch, match="external data"):
        read_bundle(write_bundle(tmp_path / "fire", model.SerializeToString()))


def test_an_input_of_another_size_is_refused(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "fire", GRAPH, input="input = { width = 96, height = 96 }")
    with pytest.raises(BundleMismatch):
        load_detector(folder)


def test_a_folder_that_is_too_large(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "fire", GRAPH)
    (folder / "more.bin").write_bytes(bytes(25_000_001))
    with pytest.raises(BundleMismatch, match="at most 25000000"):
        read_bundle(folder)


def test_the_catalogue(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "fire" / "0.0.1", GRAPH)
    catalog = tmp_path / "catalog.toml"
    catalog.write_text('[fire]\nchampion = "0.0.1"\ncommercial_use = false\n')
    assert read_catalog(tmp_path) == {"fire": folder}
    catalog.write_text('[fire]\nchampion = "9.9.9"\ncommercial_use = false\n')
    with pytest.raises(BundleMismatch, match=r"the champion of fire is not there"):
        read_catalog(tmp_path)


def test_golden_pictures_notice_a_graph_that_sees_differently(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "fire", GRAPH)
    write_golden(load_detector(folder), {"grey.png": GREY})
    assert check_golden(load_detector(folder)) == 1
    other = constant_graph(anchors((40, 40, 20, 20, 0.9, 0.0), (10, 10, 8, 8, 0.0, 0.4), (50, 50, 8, 8, 0.4, 0.0)))
    write_bundle(folder, other)
    with pytest.raises(BundleMismatch, match="boxes match"):
        check_golden(load_detector(folder))


def test_golden_pictures_that_show_nothing_are_no_check(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "fire", constant_graph(anchors((32, 32, 20, 20, 0.0, 0.0))))
    with pytest.raises(BundleMismatch, match="sees nothing"):
        write_golden(load_detector(folder), {"grey.png": GREY})


def test_openvino_sees_the_same(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "fire", GRAPH)
    bundle = read_bundle(folder)
    seen = [Detector(bundle, folder, choose_runtime(name, bundle, folder)).score(GREY) for name in ("onnxruntime", "openvino")]
    assert [one.class_name for one in seen[0]] == [one.class_name for one in seen[1]]
    assert [one.confidence for one in seen[0]] == pytest.approx([one.confidence for one in seen[1]], abs=0.01)


def test_an_unknown_runtime_is_refused(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "fire", GRAPH)
    with pytest.raises(BadSetting, match="one of auto, onnxruntime, openvino, cuda"):
        choose_runtime("tensorrt", read_bundle(folder), folder)
