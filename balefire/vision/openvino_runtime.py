"""A graph in OpenVINO: an extra (`pip install balefire[openvino]`), faster than onnxruntime on many Intel CPUs."""

from __future__ import annotations

import importlib.util
import threading

import numpy as np
from numpy.typing import NDArray

from balefire.domain.errors import BadSetting, BundleMismatch


class OpenVino:
    """`precision` other than bf16 computes in float32: OpenVINO would take bfloat16 by itself where the CPU has it.

    graph: suffix → bytes, of .xml and .bin, or of .onnx. One compiled graph serves `streams` callers at a time, each with
    `threads` threads: two graphs of one thread each may be pinned to the same core. Compiled for one picture at a time: a shape
    that is known beforehand is a tenth faster, and a batch on one thread gains nothing.
    """

    name = "openvino"
    batches = False

    def __init__(self, graph: dict[str, bytes], precision: str, threads: int = 1, streams: int = 1) -> None:
        import openvino  # half a second that a start without it does not spend

        core = openvino.Core()
        hint = "bf16" if precision == "bf16" else "f32"
        settings = {"INFERENCE_NUM_THREADS": threads * streams, "INFERENCE_PRECISION_HINT": hint, "NUM_STREAMS": streams}
        try:
            model = core.read_model(model=graph.get(".xml", graph.get(".onnx")), weights=graph.get(".bin", b""))
            model.reshape([1, *list(model.input(0).partial_shape)[1:]])
            self._model = core.compile_model(model, "CPU", settings)
        except RuntimeError as error:
            raise BundleMismatch(f"OpenVINO refuses the graph: {error}") from error
        self._local = threading.local()  # a request is for one thread at a time

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        request = getattr(self._local, "request", None)
        if request is None:
            request = self._local.request = self._model.create_infer_request()
        try:
            outputs = request.infer([np.ascontiguousarray(tensor)], share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise BundleMismatch(f"the graph refuses an input of {tensor.shape}: {error}") from error
        return np.array(outputs[0], np.float32)  # a copy: the request's own memory is written again


def require_openvino() -> None:
    """Raises BadSetting where OpenVINO is not here."""
    if not has_openvino():
        raise BadSetting("BALEFIRE_RUNTIME=openvino: OpenVINO is not installed; pip install balefire[openvino]")


def has_openvino() -> bool:
    return importlib.util.find_spec("openvino") is not None


def openvino_has_bf16() -> bool:
    """Whether OpenVINO is here and this processor computes in bfloat16 itself."""
    if not has_openvino():
        return False
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
