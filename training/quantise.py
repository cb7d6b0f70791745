"""INT8 forms of a graph: by NNCF for OpenVINO, by onnxruntime's own static quantisation for onnxruntime.

What a box's corners hang on directly stays in float: the head, the blocks that feed it, and the first two convolutions
(with the head alone in float, 70 % of fire's boxes match; so, 88 %). Whether the result is good enough is measured by
training/forms.py, and most often it is not.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from balefire.domain.errors import BundleMismatch

Tensor = NDArray[np.float32]  # (1, 3, height, width), 0–1

BLOCK = re.compile(r"/model\.(\d+)/")
FIRST_BLOCKS = (0, 1)


def can_quantise() -> bool:
    """Whether NNCF and OpenVINO are here."""
    return all(importlib.util.find_spec(name) for name in ("nncf", "openvino"))


def write_openvino_int8(model: Path, pictures: Sequence[Tensor], target: Path) -> None:
    """target: an .xml beside which an .bin will lie. pictures: of the training set, to measure ranges on."""
    import nncf
    import openvino

    logging.getLogger("nncf").setLevel(logging.ERROR)
    blocks = "|".join(str(block) for block in float_blocks(model))
    kept = nncf.IgnoredScope(patterns=[rf".*/model\.({blocks})/.*"])
    graph = openvino.Core().read_model(str(model))
    quantised = nncf.quantize(
        graph, nncf.Dataset(list(pictures)), preset=nncf.QuantizationPreset.MIXED,
        ignored_scope=kept, subset_size=len(pictures),
    )  # fmt: skip
    openvino.save_model(quantised, str(target), compress_to_fp16=True)


def write_onnx_int8(model: Path, pictures: Sequence[Tensor], target: Path) -> None:
    """target: an .onnx with quantise and dequantise nodes, as onnxruntime reads it."""
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left: Iterator[Tensor] = iter(pictures)

        def get_next(self) -> dict[str, Tensor] | None:
            picture = next(self._left, None)
            return None if picture is None else {"images": picture}

    kept = float_blocks(model)
    quantization.quantize_static(
        str(model), str(target), Reader(), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
        op_types_to_quantize=["Conv"], nodes_to_exclude=[name for name in _names(model) if _block(name) in kept],
    )  # fmt: skip


def float_blocks(model: Path) -> list[int]:
    """Numbers of the blocks (`/model.<n>/…`) that stay in float. Raises BundleMismatch for a graph without such names."""
    nodes = _nodes(model)
    blocks = [block for block in (_block(node.name) for node in nodes) if block is not None]
    if not blocks:
        raise BundleMismatch(f"{model}: its nodes do not tell which of them are the head")
    head = max(blocks)
    made = {output: _block(node.name) for node in nodes for output in node.output}
    into_head = {made.get(name) for node in nodes if _block(node.name) == head for name in node.input}
    return sorted({head, *FIRST_BLOCKS, *(block for block in into_head if block is not None)})


def _block(node: str) -> int | None:
    found = BLOCK.match(node)
    return int(found[1]) if found else None


def _names(model: Path) -> list[str]:
    return [node.name for node in _nodes(model)]


def _nodes(model: Path) -> list[Any]:
    import onnx

    return list(onnx.load(str(model)).graph.node)
