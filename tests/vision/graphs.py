"""Small real ONNX graphs and bundles, made in the test."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIDE = 64


def constant_graph(output: NDArray[np.float32]) -> bytes:
    """(1, 3, 64, 64) → always `output`; the input is read, as a real graph's is."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "constant"], ["output"]),
    ]
    constants = [
        numpy_helper.from_array(np.zeros((), np.float32), "zero"),
        numpy_helper.from_array(output.astype(np.float32), "constant"),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    out = helper.make_tensor_value_info("output", TensorProto.FLOAT, list(output.shape))
    graph = helper.make_graph(nodes, "constant", [images], [out], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def anchors(*rows: tuple[float, ...], classes: int = 2) -> NDArray[np.float32]:
    """(1, 4 + classes, n): each row is cx, cy, w, h in pixels and a score for each class."""
    return np.array(rows, np.float32).reshape(-1, 4 + classes).T[None]


def write_bundle(folder: Path, model: bytes, **changes: str) -> Path:
    """A bundle around `model`; `changes` replace lines of bundle.toml by key."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model)
    lines = {
        "name": 'name = "fire"',
        "version": 'version = "0.0.1"',
        "classes": 'classes = ["flame", "smoke"]',
        "hazards": 'hazards = { flame = "flame", smoke = "smoke" }',
        "input": f"input = {{ width = {SIDE}, height = {SIDE} }}",
        "head": 'head = "anchor-free-nms"',
        "licence": 'licence = "none"',
        "thresholds": "thresholds = { flame = 0.5, smoke = 0.3 }",
        "files": f'[[files]]\nruntime = "onnxruntime"\nprecision = "fp32"\n'
        f'paths = {{ "model.onnx" = "{hashlib.sha256(model).hexdigest()}" }}',
    }
    (folder / "bundle.toml").write_text("\n".join({**lines, **changes}.values()) + "\n")
    return folder
