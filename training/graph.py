"""From a torch model to one ONNX file: float32, the size fixed, the batch free, no data outside the file."""

from __future__ import annotations

import warnings
from copy import deepcopy
from pathlib import Path
from typing import Any

from balefire.domain.bundle import Head

OPSET = 18  # ONNX Runtime on CUDA has no kernel for Resize-19: newer graphs would hop between GPU and CPU
MOST_BOXES = 300


def write_onnx(model: Any, head: Head, image_size: int, path: Path) -> None:
    """model: an Ultralytics DetectionModel; it stays as it is. Input `images` (n, 3, image_size, image_size) float32.

    Output: (n, 4 + classes, anchors) for "anchor-free-nms", (n, 300, 6) for "end-to-end". A model with both heads
    (YOLO26) gives either. Ultralytics' own exporter frees height and width together with the batch, which makes the
    graph compute its anchors for every picture; here they are constants.
    """
    import onnx
    import onnxslim
    import torch

    graph = deepcopy(model).float().eval()
    choose_head(graph, head)
    graph = graph.fuse()
    graph.set_head_attr(export=True, format="onnx", dynamic=False, shape=None, max_det=MOST_BOXES)
    blank = torch.zeros(1, 3, image_size, image_size)
    with torch.no_grad(), warnings.catch_warnings():
        # The tracer remarks on every shape that is fixed, and on being the older of torch's two exporters.
        warnings.simplefilter("ignore")
        graph(blank)
        torch.onnx.export(
            graph, (blank,), str(path), opset_version=OPSET, dynamo=False,
            input_names=["images"], output_names=["output0"],
            dynamic_axes={"images": {0: "batch"}, "output0": {0: "batch"}},
        )  # fmt: skip
    onnx.save(onnxslim.slim(onnx.load(str(path))), str(path))


def choose_head(model: Any, head: Head) -> None:
    """Make a torch model answer with `head`: YOLO26 has both, older ones only the first."""
    model.set_head_attr(end2end=head == "end-to-end")
