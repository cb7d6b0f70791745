"""A bundle that is not what it says refuses to load, and says which file and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import helper, numpy_helper

from balefire.domain.bundle import ThermalRange
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadSetting, BundleMismatch
from balefire.vision.bundles import champion_folders, read_bundle, read_catalog
from balefire.vision.detector import load_detector
from balefire.vision.onnx_file import graph_facts
from tests.vision.graphs import toy_graph, write_bundle, write_external

SHA = "0" * 64


def test_reads_what_it_says(tmp_path: Path) -> None:
    bundle = read_bundle(write_bundle(tmp_path))
    assert bundle.reference == "toy@1.0.0"
    assert bundle.classes == ("flame", "smoke")
    assert bundle.hazards == {"flame": Hazard.FLAME}
    assert (bundle.input.width, bundle.input.height, bundle.input.pad) == (64, 64, 114)
    assert (bundle.head, bundle.thermal) == ("anchor-free-nms", None)
    assert bundle.thresholds == {"flame": 0.6, "smoke": 0.3}
    assert bundle.sha256 == bundle.files[0].paths["model.onnx"]


def test_reads_how_temperatures_map(tmp_path: Path) -> None:
    thermal = 'pad = 114, thermal = { low = 20000, high = 40000, unit = "counts" }'
    change(write_bundle(tmp_path), "pad = 114", thermal)
    assert read_bundle(tmp_path).thermal == ThermalRange(20000, 40000, "counts")


def change(folder: Path, old: str, new: str) -> Path:
    path = folder / "bundle.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return folder


# what of bundle.toml is changed, into what, and what the refusal has to say
CHANGES = [
    ('classes = ["flame", "smoke"]', 'classes = ["flame", "smoke", "steam"]', "thresholds has no steam"),
    ('classes = ["flame", "smoke"]', 'classes = ["flame", "flame"]', "a class stands twice"),
    ('classes = ["flame", "smoke"]', "classes = []", "classes"),
    ("smoke = 0.3", "smoke = 0.3\nsteam = 0.2", "thresholds names steam"),
    ("smoke = 0.3", "", "thresholds has no smoke"),
    ("smoke = 0.3", "smoke = 1.3", "thresholds.smoke"),
    ('flame = "flame" }', 'fire = "flame" }', "hazards names fire"),
    ('flame = "flame" }', 'flame = "inferno" }', "hazards.flame"),
    ('head = "anchor-free-nms"', 'head = "end-to-end"', r"model.onnx: expected \(1, n, 6\), got \(1, 6, 16\)"),
    ('head = "anchor-free-nms"', 'head = "detr"', "head"),
    ('head = "anchor-free-nms"', "", "head"),
    ('layout = "NCHW"', 'layout = "NHWC"', "input.layout"),
    ('licence = "none"', 'licence = "none"\nanchors = 9', "unknown key anchors; made by a newer balefire?"),
    ('licence = "none"', 'licence = "none"\nlicense = "none"', "did you mean licence"),
    ('"model.onnx" = "', '"../model.onnx" = "', "does not lie in the bundle's own folder"),
    ('"model.onnx" = "', '"other.onnx" = "', "other.onnx: cannot be read"),
    ('"model.onnx" = "', f'"more.onnx" = "{SHA}", "model.onnx" = "', "files for onnxruntime are .onnx"),
    ('runtime = "onnxruntime"', 'runtime = "openvino"', "files for openvino are .bin and .xml"),
    ('name = "toy"', "name = ", "not valid TOML"),
]


@pytest.mark.parametrize(("old", "new", "words"), CHANGES)
def test_a_changed_bundle_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = change(write_bundle(tmp_path), old, new)
    with pytest.raises(BundleMismatch, match=words) as refusal:
        read_bundle(folder)
    assert str(tmp_path) in str(refusal.value), "the file is named"


def damaged(folder: Path) -> None:
    write_bundle(folder)
    (folder / "model.onnx").write_bytes(b"something else")


def without_model(folder: Path) -> None:
    write_bundle(folder)
    (folder / "model.onnx").unlink()


def three_classes(folder: Path) -> None:
    change(change(write_bundle(folder), '"smoke"]', '"smoke", "steam"]'), "smoke = 0.3", "smoke = 0.3\nsteam = 0.3")


def too_large(folder: Path) -> None:
    write_bundle(folder)
    (folder / "report").mkdir()
    with (folder / "report" / "film.mp4").open("wb") as film:
        film.truncate(25_000_001)


def external_in_a_branch(folder: Path) -> None:
    """The tensor lies in a node's attribute, in a branch of an If: deeper than the initializers."""
    hidden = numpy_helper.from_array(numpy_helper.to_array(toy_graph().graph.initializer[0]), "hidden")
    onnx.external_data_helper.set_external_data(hidden, "elsewhere.bin")
    hidden.ClearField("raw_data")
    result = helper.make_tensor_value_info("result", onnx.TensorProto.FLOAT, None)
    branch = helper.make_graph([helper.make_node("Constant", [], ["result"], value=hidden)], "branch", [], [result])
    model = toy_graph()
    model.graph.node.append(helper.make_node("If", ["flat"], ["unused"], then_branch=branch, else_branch=branch))
    write_bundle(folder, model=model.SerializeToString())


BROKEN: list[tuple[Callable[[Path], object], str]] = [
    (damaged, "model.onnx: SHA-256 is .* bundle.toml says"),
    (without_model, "model.onnx: cannot be read"),
    (three_classes, r"model.onnx: expected \(1, 7, n\), got \(1, 6, 16\)"),
    (too_large, "a bundle folder has at most 25000000"),
    (write_external, "model.onnx: the data of '.*' lie outside the file"),
    (external_in_a_branch, "the data of 'hidden' lie outside the file"),
    (lambda folder: write_bundle(folder, model=b""), "model.onnx: it is no ONNX file"),
    (lambda folder: write_bundle(folder, model=b"text, not a graph"), "model.onnx: it is no ONNX file"),
    (lambda folder: write_bundle(folder, model=toy_graph().SerializeToString()[:-40]), "no ONNX file, or cut off"),
    (lambda folder: write_bundle(folder, model=toy_graph(outputs=2).SerializeToString()), "one output, got 2"),
    (lambda folder: folder.mkdir(), "bundle.toml: no such file"),
]


@pytest.mark.parametrize(("build", "words"), BROKEN)
def test_a_broken_bundle_is_refused(tmp_path: Path, build: Callable[[Path], object], words: str) -> None:
    build(tmp_path / "bundle")
    with pytest.raises(BundleMismatch, match=words):
        read_bundle(tmp_path / "bundle")


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_a_graph_of_another_input_size_is_refused(tmp_path: Path, runtime: str) -> None:
    change(write_bundle(tmp_path), "width = 64", "width = 96")
    with pytest.raises(BundleMismatch, match=r"refuses an input of \(1, 3, 64, 96\)"):
        load_detector(tmp_path, runtime)


def test_a_graph_no_runtime_can_run_is_refused(tmp_path: Path) -> None:
    model = toy_graph()
    model.graph.node[0].op_type = "Convolute"
    with pytest.raises(BundleMismatch, match="onnxruntime refuses the graph"):
        load_detector(write_bundle(tmp_path, model=model.SerializeToString()), "onnxruntime")


def test_graph_facts_agree_with_onnx() -> None:
    facts = graph_facts(toy_graph().SerializeToString())
    assert (facts.inputs, facts.outputs, facts.external) == (((1, 3, 64, 64),), ((1, 6, 16),), None)


CATALOGS = [
    ('[toy]\nchampion = "1.0.0"\ncommercial_use = false\n', None),
    ('[toy]\nchampion = "2.0.0"\ncommercial_use = false\n', "the champion of toy is not there"),
    ('[toy]\nchampion = "1.0.0"\n', "toy.commercial_use"),
    ('[toy]\nchampion = "1.0.0"\ncommercial_use = false\nshadow = "2"\n', "unknown key toy.shadow; made by a newer balefire?"),
    ("toy = ", "not valid TOML"),
    (None, "catalog.toml: no such file"),
]


@pytest.mark.parametrize(("text", "words"), CATALOGS)
def test_catalog(tmp_path: Path, text: str | None, words: str | None) -> None:
    folder = write_bundle(tmp_path / "toy" / "1.0.0")
    if text is not None:
        (tmp_path / "catalog.toml").write_text(text)
    if words is None:
        assert read_catalog(tmp_path) == {"toy": folder}
        assert champion_folders(tmp_path, ["toy"]) == {"toy": folder}
        with pytest.raises(BadSetting, match=r"tow is not in .*; there are toy"):
            champion_folders(tmp_path, ["tow"])
        return
    with pytest.raises(BundleMismatch, match=words):
        read_catalog(tmp_path)
