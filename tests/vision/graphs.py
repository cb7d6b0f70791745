"""A detector small enough to be understood: it sees flame where a cell is red, and smoke where one is blue.

The input is 64 x 64, in 4 x 4 cells of 16 px. A cell's score is how much red outweighs blue (flame), or blue red (smoke).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIZE, CELL, CELLS = 64, 16, 16
RED, BLUE = (255, 0, 0), (0, 0, 255)

BUNDLE = """\
name = "toy"
version = "1.0.0"
classes = ["flame", "smoke"]
hazards = {{ flame = "flame" }}
input = {{ width = 64, height = 64, layout = "NCHW", colour = "RGB", range = "0-1", pad = 114 }}
head = "{head}"
licence = "none"

[thresholds]
flame = 0.6
smoke = 0.3

[[files]]
runtime = "onnxruntime"
precision = "fp32"
paths = {{ "model.onnx" = "{sha256}" }}
"""


def cell(index: int) -> tuple[float, float, float, float]:
    """x1, y1, x2, y2 of one cell in input pixels; cells count row by row."""
    y, x = divmod(index, 4)
    return x * CELL, y * CELL, (x + 1) * CELL, (y + 1) * CELL


def toy_graph(head: str = "anchor-free-nms", outputs: int = 1) -> Any:
    """An ONNX model with output (1, 6, 16), or (1, 16, 6) end to end, where every box is a flame."""
    corners = np.array([cell(index) for index in range(CELLS)], np.float32)
    weights = np.array([[1, 0, -1], [-1, 0, 1]], np.float32).reshape(2, 3, 1, 1)
    nodes = [
        helper.make_node("Conv", ["images", "weights"], ["differences"]),
        helper.make_node("Relu", ["differences"], ["lit"]),
        helper.make_node("AveragePool", ["lit"], ["cells"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Reshape", ["cells", "flat"], ["scores"]),
    ]
    constants = {"weights": weights, "flat": np.array([1, 2, CELLS], np.int64)}
    if head == "end-to-end":
        constants |= {"boxes": corners[None], "classes": np.zeros((1, CELLS, 1), np.float32), "first": np.array([0])}
        nodes += [
            helper.make_node("Gather", ["scores", "first"], ["flames"], axis=1),
            helper.make_node("Transpose", ["flames"], ["column"], perm=[0, 2, 1]),
            helper.make_node("Concat", ["boxes", "column", "classes"], ["output"], axis=2),
        ]
        shape = [1, CELLS, 6]
    else:
        centres, sizes = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
        constants["boxes"] = np.hstack((centres, sizes)).T[None]
        nodes.append(helper.make_node("Concat", ["boxes", "scores"], ["output"], axis=1))
        shape = [1, 6, CELLS]
    given = [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIZE, SIZE])]
    results = [helper.make_tensor_value_info("output", TensorProto.FLOAT, shape)]
    if outputs > 1:
        results.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 2, CELLS]))
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "toy", given, results, tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def write_bundle(folder: Path, head: str = "anchor-free-nms", model: bytes | None = None) -> Path:
    """A whole bundle of the toy graph, or of `model`."""
    folder.mkdir(parents=True, exist_ok=True)
    data: bytes = toy_graph(head).SerializeToString() if model is None else model
    (folder / "model.onnx").write_bytes(data)
    (folder / "bundle.toml").write_text(BUNDLE.format(head=head, sha256=hashlib.sha256(data).hexdigest()))
    return folder


def write_external(folder: Path) -> Path:
    """A bundle whose graph keeps its weights in another file. The bundle's own checksum is right."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(toy_graph(), str(folder / "model.onnx"), save_as_external_data=True, location="w.bin", size_threshold=0)
    return write_bundle(folder, model=(folder / "model.onnx").read_bytes())


def painted(*cells: tuple[int, tuple[int, int, int]], width: int = SIZE, height: int = SIZE) -> NDArray[np.uint8]:
    """A black picture in which some of its 4 x 4 cells have a colour."""
    rgb = np.zeros((height, width, 3), np.uint8)
    for index, colour in cells:
        y, x = divmod(index, 4)
        rgb[y * height // 4 : (y + 1) * height // 4, x * width // 4 : (x + 1) * width // 4] = colour
    return rgb
