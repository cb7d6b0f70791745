"""A graph in OpenVINO: an extra (`pip install balefire[openvino]`), faster than onnxruntime on many Intel CPUs."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from balefire.domain.bundle import Bundle, GraphFiles
from balefire.domain.errors import BadSetting, BundleMismatch
from balefire.vision.runtimes import files_for, read_graph

try:
    import openvino
except ModuleNotFoundError:
    openvino = None


class OpenVino:
    """`precision` other than bf16 computes in float32: OpenVINO would take bfloat16 by itself where the CPU has it."""

    name = "openvino"

    def __init__(self, graph: dict[str, bytes], precision: str, threads: int = 1) -> None:
        core = openvino.Core()
        hint = "bf16" if precision == "bf16" else "f32"
        settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": hint, "NUM_STREAMS": 1}
        try:
            model = core.read_model(model=graph.get(".xml", graph.get(".onnx")), weights=graph.get(".bin", b""))
            self._model = core.compile_model(model, "CPU", settings)
        except RuntimeError as error:
            raise BundleMismatch(f"OpenVINO refuses the graph: {error}") from error
        self._local = threading.local()  # a request is for one thread at a time

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        request = getattr(self._local, "request", None)
        if request is None:
            request = self._local.request = self._model.create_infer_request()
        try:
            outputs = request.infer([tensor])
        except RuntimeError as error:
            raise BundleMismatch(f"the graph refuses an input of {tensor.shape}: {error}") from error
        return np.array(outputs[0], np.float32)  # a copy: the request's own memory is written again


def open_in_openvino(bundle: Bundle, folder: Path, threads: int) -> OpenVino:
    """OpenVINO's own files where the bundle has them, else its ONNX. Raises BadSetting where OpenVINO is not here."""
    if openvino is None:
        raise BadSetting("BALEFIRE_RUNTIME=openvino: OpenVINO is not installed; pip install balefire[openvino]")
    files = _files(bundle)
    return OpenVino(read_graph(files, folder), files.precision, threads)


def _files(bundle: Bundle) -> GraphFiles:
    own = any(files.runtime == "openvino" for files in bundle.files)
    return files_for(bundle, "openvino" if own else "onnxruntime")
