"""How a bundle is run: measured here, kept, asked for by the settings, or the safe choice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from balefire.domain.errors import BadSetting, BundleMismatch
from balefire.vision.bundles import read_bundle
from balefire.vision.detector import load_detector, planned_detector
from balefire.vision.golden import write_golden
from balefire.vision.openvino_runtime import has_openvino
from balefire.vision.plan import Layout, Plan, Wish, safe_plan
from balefire.vision.plan_store import is_measured, keep, kept, plans_for
from balefire.vision.processor import cores, processor_key
from balefire.vision.tuning import Measured, best, common_layout, layouts, options, tune
from tests.vision.graphs import BLUE, RED, painted, write_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = write_bundle(tmp_path / "toy")
    write_golden(load_detector(folder, "onnxruntime"), {"a.png": painted((0, RED), (5, BLUE)), "b.png": painted((9, RED))})
    return folder


def row(runtime: str, precision: str, workers: int, rate: float, refused: str = "") -> Measured:
    return Measured(runtime, precision, workers, 2 // workers, rate, 1.0, refused)


ROWS = [
    row("onnxruntime", "fp32", 2, 40),
    row("onnxruntime", "fp32", 1, 30),
    row("openvino", "fp32", 2, 41),
    row("openvino", "bf16", 2, 85),
    row("openvino", "int8", 1, 90, refused="golden: 3 of 9 boxes match"),
]
CHOICES: list[tuple[str, list[Measured], Wish, tuple[str, str, int] | None]] = [
    ("the fastest that passed", ROWS, Wish(), ("openvino", "bf16", 2)),
    ("a hair faster is not worth another runtime", ROWS[:3], Wish(), ("onnxruntime", "fp32", 2)),
    ("a runtime asked for", ROWS, Wish("onnxruntime"), ("onnxruntime", "fp32", 2)),
    ("a precision asked for", ROWS, Wish(precision="fp32"), ("onnxruntime", "fp32", 2)),
    ("workers asked for", ROWS, Wish(workers=1), ("onnxruntime", "fp32", 1)),
    ("what was refused stays refused", ROWS, Wish(precision="int8"), None),
    ("nothing measured", [], Wish(), None),
]


@pytest.mark.parametrize(("rows", "wish", "chosen"), [case[1:] for case in CHOICES], ids=[case[0] for case in CHOICES])
def test_what_is_chosen(rows: list[Measured], wish: Wish, chosen: tuple[str, str, int] | None) -> None:
    found = best(rows, wish)
    assert (None if found is None else (found.runtime, found.precision, found.workers)) == chosen


def test_detectors_share_their_workers() -> None:
    """The second bundle alone would be faster with one worker; both together are not."""
    first = [row("onnxruntime", "fp32", 2, 40), row("onnxruntime", "fp32", 1, 20)]
    second = [row("onnxruntime", "fp32", 2, 40), row("onnxruntime", "fp32", 1, 50)]
    assert common_layout([first, second], Wish()) == Layout(2, 1)
    assert common_layout([first, []], Wish()) is None


@pytest.mark.parametrize(
    ("count", "found"),
    [(1, [(1, 1)]), (2, [(2, 1), (1, 2)]), (3, [(3, 1), (1, 2), (1, 3)]), (8, [(8, 1), (4, 2), (1, 8)])],
)
def test_layouts(count: int, found: list[tuple[int, int]]) -> None:
    assert [(one.workers, one.threads) for one in layouts(count)] == found


def test_a_bundle_is_measured_kept_and_run(bundle: Path, tmp_path: Path) -> None:
    folders = {"toy": bundle}
    assert plans_for(tmp_path, folders, Wish())["toy"].reason == "not measured yet: the safe choice"
    measured = tune(bundle, rounds=1, seconds=0.01)
    assert {(one.runtime, one.precision) for one in measured} == set(options(read_bundle(bundle)))
    assert all(one.matched >= 0.97 and one.frames_per_second > 0 for one in measured if not one.refused)
    assert not is_measured(tmp_path, folders)
    path = keep(tmp_path, read_bundle(bundle), measured)
    assert (path.parent.name, processor_key() in path.name, is_measured(tmp_path, folders)) == ("tuning", True, True)
    assert kept(tmp_path, read_bundle(bundle)) == measured
    plan = plans_for(tmp_path, folders, Wish())["toy"]
    assert plan.reason.startswith("measured here: ")
    assert [seen.class_name for seen in planned_detector(bundle, plan).look(painted((3, RED)))] == ["flame"]


def test_a_way_that_sees_other_boxes_is_refused_with_the_reason(bundle: Path) -> None:
    boxes = bundle / "golden" / "boxes.json"
    golden = json.loads(boxes.read_text())
    golden["b.png"][0]["class"] = "smoke"
    boxes.write_text(json.dumps(golden))
    measured = tune(bundle, rounds=1, seconds=0.01)
    assert all("boxes match" in one.refused and one.frames_per_second == 0 for one in measured)
    assert best(measured, Wish()) is None


def test_another_graph_of_the_same_version_is_measured_again(bundle: Path, tmp_path: Path) -> None:
    keep(tmp_path, read_bundle(bundle), ROWS)
    path = bundle / "bundle.toml"
    data = (bundle / "model.onnx").read_bytes() + b"\xba\x01\x00"  # an empty field that nobody reads
    import hashlib

    old = read_bundle(bundle).sha256
    (bundle / "model.onnx").write_bytes(data)
    path.write_text(path.read_text().replace(old, hashlib.sha256(data).hexdigest()))
    assert kept(tmp_path, read_bundle(bundle)) == []


@pytest.mark.parametrize("text", ["", "{", '{"bundle": "x"}', '{"bundle": 1, "processor": "", "measured": 3}'])
def test_a_spoilt_file_is_measured_again(bundle: Path, tmp_path: Path, text: str) -> None:
    keep(tmp_path, read_bundle(bundle), ROWS).write_text(text)
    assert kept(tmp_path, read_bundle(bundle)) == []


def test_the_safe_choice(bundle: Path) -> None:
    found = read_bundle(bundle)
    assert safe_plan(found, bundle, Wish("onnxruntime")) == Plan(
        "onnxruntime", "fp32", cores(), 1, "asked for by the settings; not measured yet: the safe choice"
    )
    assert safe_plan(found, bundle, Wish(workers=cores())).threads == 1
    assert safe_plan(found, bundle, Wish(precision="bf16")).runtime == "openvino"
    with pytest.raises(BundleMismatch, match=r"toy@1\.0\.0 has no files for onnxruntime int8"):
        safe_plan(found, bundle, Wish(precision="int8"))
    with pytest.raises(BadSetting, match="BALEFIRE_PRECISION is one of auto, fp32, bf16, fp16, int8, got fp8"):
        Wish(precision="fp8")


@pytest.mark.skipif(not has_openvino(), reason="OpenVINO is not installed")
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_one_openvino_graph_serves_many(bundle: Path, workers: int) -> None:
    from concurrent.futures import ThreadPoolExecutor

    detector = planned_detector(bundle, Plan("openvino", "fp32", workers, 1, ""))
    with ThreadPoolExecutor(4) as pool:
        pictures = [painted((index, RED)) for index in range(16)] * 3
        assert list(pool.map(detector.look, pictures)) == [detector.look(rgb) for rgb in pictures]
