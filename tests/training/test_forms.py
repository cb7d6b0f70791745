"""The forms of the released graph: those that see the same pass, a file that falls short is gone, and the card says why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rich.console import Console

from balefire.domain.errors import BundleMismatch
from balefire.vision.bundles import champion_folders
from balefire.vision.detector import load_detector
from balefire.vision.image import to_jpeg
from balefire.vision.letterbox import letterbox
from balefire.vision.scenes.training import training_picture
from tests.training.small_set import image, small_set, write
from training.data import read_dataset
from training.forms import Form, fault_of, measure_forms
from training.parity import Parity
from training.places import CHECKOUT
from training.quantise import Tensor, can_quantise, float_blocks

PICTURES = 6
FIRE = champion_folders(CHECKOUT / "models", ["fire"])["fire"]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Form]]:
    """The released fire graph in a folder of its own, against itself, with INT8 ranges of a few rendered pictures."""
    folder = tmp_path_factory.mktemp("bundle")
    shutil.copyfile(FIRE / "model.onnx", folder / "model.onnx")
    places = small_set(tmp_path_factory.mktemp("set"))
    calibration: list[Tensor] = []
    detector = load_detector(FIRE)
    for number in range(PICTURES):
        picture = training_picture(number)[0]
        write(places.pictures / image(number), to_jpeg(picture))
        calibration.append(letterbox(picture, detector.bundle.input)[0])
    forms = measure_forms(
        detector.bundle, folder, detector, [image(number) for number in range(PICTURES)], places.pictures,
        read_dataset(places.descriptions, "small"), calibration, 1, Console(quiet=True),
    )  # fmt: skip
    return folder, {form.name: form for form in forms}


def test_float32_sees_the_same_in_both_runtimes(measured: tuple[Path, dict[str, Form]]) -> None:
    _, forms = measured
    for name in ("onnxruntime fp32", "openvino fp32"):
        assert forms[name].parity.boxes > 0
        assert forms[name].parity.matched == 1.0, name
        assert not forms[name].fault
    assert forms["onnxruntime fp32"].speed == 1.0


def test_an_int8_file_stays_only_where_it_passed(measured: tuple[Path, dict[str, Form]]) -> None:
    folder, forms = measured
    assert can_quantise()
    for name in ("openvino int8", "onnxruntime int8"):
        form = forms[name]
        assert form.files is not None
        assert all((folder / path).is_file() is not bool(form.fault) for path in form.files.paths), name
    assert forms["onnxruntime int8"].parity.matched < 1.0, "eight bits are not thirty-two"
    assert (folder / "model.onnx").is_file()


@pytest.mark.parametrize(
    ("precision", "matched", "lost", "gain", "said"),
    [
        ("fp32", 0.9995, 0.0, 1.0, ""),
        ("fp32", 0.998, 0.0, 1.0, "99.8% of the boxes match; at least 99.9% have to"),
        ("int8", 0.98, 0.005, 1.5, ""),
        ("int8", 0.96, 0.005, 1.5, "96.0% of the boxes match"),
        ("int8", 0.98, 0.011, 1.5, "AP50 moves by 0.011"),
        ("int8", 0.98, 0.005, 1.01, "does not pay"),
        ("bf16", 0.98, 0.005, 1.01, ""),
    ],
)
def test_the_bar(precision: str, matched: float, lost: float, gain: float, said: str) -> None:
    fault = fault_of(precision, Parity(200, 1000, matched, 0.1, lost), gain)
    assert said in fault
    assert bool(said) == bool(fault)


def test_the_head_what_feeds_it_and_the_first_blocks_stay_in_float(tmp_path: Path) -> None:
    assert float_blocks(FIRE / "model.onnx") == [0, 1, 16, 19, 22, 23]


def test_a_graph_whose_nodes_have_no_names_is_refused(tmp_path: Path) -> None:
    import onnx

    model = onnx.load(str(FIRE / "model.onnx"))
    for number, node in enumerate(model.graph.node):
        node.name = f"node-{number}"
    onnx.save(model, str(tmp_path / "model.onnx"))
    with pytest.raises(BundleMismatch, match="do not tell which of them are the head"):
        float_blocks(tmp_path / "model.onnx")
