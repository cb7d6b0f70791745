"""What an ONNX file says of itself, read from its protobuf without the `onnx` package.

onnxruntime follows external data wherever the file points (relative to the working folder when loaded from bytes),
past any checksum: so it has to be found before the file is handed over. Field numbers: onnx.proto, IR version 13.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from balefire.domain.errors import BundleMismatch

VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES = 0, 1, 2, 5
DEEPEST = 32  # nested graphs; real ones have two or three

# For each kind of message: which fields hold which kind, on the way to tensors.
CHILDREN = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "training": {1: "graph", 2: "graph"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
TENSOR_NAME, TENSOR_EXTERNAL, TENSOR_LOCATION = 8, 13, 14


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """Shapes of inputs and outputs; a dimension that is not fixed is "?". `external`: a tensor kept elsewhere."""

    inputs: tuple[tuple[int | str, ...], ...]
    outputs: tuple[tuple[int | str, ...], ...]
    external: str | None


def graph_facts(model: bytes) -> GraphFacts:
    """Raises BundleMismatch where `model` is no ONNX file."""
    view = memoryview(model)
    graphs = [value for number, value in _fields(view) if number == 7 and isinstance(value, memoryview)]
    if len(graphs) != 1:
        raise BundleMismatch("it is no ONNX file: it holds no graph")
    inputs, outputs = (tuple(_shape(value) for value in _messages(graphs[0], field)) for field in (11, 12))
    return GraphFacts(inputs, outputs, _external(view, "model", DEEPEST))


def _external(message: memoryview, kind: str, depth: int) -> str | None:
    """The name of the first tensor whose data lies outside the file, or None."""
    if kind == "tensor":
        return _external_tensor(message)
    if depth == 0:
        raise BundleMismatch("its graphs are nested too deep")
    for number, value in _fields(message):
        child = CHILDREN[kind].get(number)
        if child and isinstance(value, memoryview) and (found := _external(value, child, depth - 1)) is not None:
            return found
    return None


def _external_tensor(message: memoryview) -> str | None:
    fields = dict(_fields(message))
    if TENSOR_EXTERNAL not in fields and fields.get(TENSOR_LOCATION) != 1:
        return None
    name = fields.get(TENSOR_NAME, b"")
    return bytes(name).decode("utf-8", "replace") if not isinstance(name, int) else ""


def _shape(value_info: memoryview) -> tuple[int | str, ...]:
    """ValueInfoProto.type.tensor_type.shape.dim.dim_value"""
    shapes = (shape for kind in _messages(value_info, 2) for tensor in _messages(kind, 1) for shape in _messages(tensor, 2))
    return tuple(_dimension(dim) for shape in shapes for dim in _messages(shape, 1))


def _dimension(dim: memoryview) -> int | str:
    size = dict(_fields(dim)).get(1)
    return size if isinstance(size, int) else "?"


def _messages(message: memoryview, field: int) -> Iterator[memoryview]:
    return (value for number, value in _fields(message) if number == field and isinstance(value, memoryview))


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field numbers and values of one protobuf message. Raises BundleMismatch where it is none."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire not in (EIGHT_BYTES, LENGTH, FOUR_BYTES):
            raise BundleMismatch("it is no ONNX file")
        size = {EIGHT_BYTES: 8, FOUR_BYTES: 4}.get(wire, 0)
        if wire == LENGTH:
            size, at = _varint(message, at)
        if at + size > len(message):
            raise BundleMismatch("it is no ONNX file, or cut off")
        yield number, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise BundleMismatch("it is no ONNX file, or cut off")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise BundleMismatch("it is no ONNX file")
