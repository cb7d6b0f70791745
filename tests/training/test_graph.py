"""The exported graph gives what torch gives, for both heads and for more than one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from balefire.domain.bundle import Head
from balefire.vision.onnx_file import graph_facts
from balefire.vision.runtimes import OnnxRuntime
from training.graph import write_onnx
from training.torch_runtime import TorchRuntime
from training.yolo import home

SIZE = 160


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home(tmp_path_factory.mktemp("runs"))
    import torch
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    return DetectionModel("yolo26n.yaml", nc=2, verbose=False).eval()


@pytest.mark.parametrize(
    ("head", "shape"), [("anchor-free-nms", (6, 525)), ("end-to-end", (300, 6))], ids=["nms", "end-to-end"]
)
def test_the_graph_is_the_model(model: Any, tmp_path: Path, head: Head, shape: tuple[int, int]) -> None:
    write_onnx(model, head, SIZE, tmp_path / "model.onnx")
    data = (tmp_path / "model.onnx").read_bytes()
    facts = graph_facts(data)
    assert (facts.inputs, facts.outputs, facts.external) == ((("?", 3, SIZE, SIZE),), (("?", *shape),), None)
    pictures = np.random.default_rng(0).random((2, 3, SIZE, SIZE), np.float32)
    ours, theirs = OnnxRuntime(data).run(pictures), TorchRuntime(model, head).run(pictures)
    assert ours.shape == (2, *shape)
    if head == "end-to-end":  # boxes of the same score may stand in another order
        ours, theirs = np.sort(ours[..., 4]), np.sort(theirs[..., 4])
    np.testing.assert_allclose(ours, theirs, atol=2e-3)
    assert not hasattr(model.model[-1], "_end2end") or model.model[-1].cv2 is not None, "the model itself stays as it was"
