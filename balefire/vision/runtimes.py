"""What runs a graph: onnxruntime on CPU or CUDA, or OpenVINO. One session for each worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from balefire.domain.bundle import Bundle, GraphFiles
from balefire.domain.errors import BadSetting, BundleMismatch
from balefire.vision.bundles import read_checked

RuntimeName = Literal["auto", "onnxruntime", "openvino", "cuda"]
NAMES: tuple[RuntimeName, ...] = ("auto", "onnxruntime", "openvino", "cuda")
CUDA = "CUDAExecutionProvider"
CPU = "CPUExecutionProvider"
REFUSALS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


class Runtime(Protocol):
    """A loaded graph; safe to be called by several threads."""

    name: str
    batches: bool  # whether it takes n > 1

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """tensor: (n, 3, h, w) float32, 0–1. Back: the graph's one output. Raises BundleMismatch on a wrong shape."""


class OnnxRuntime:
    """model: the bytes of an ONNX file without external data. threads: for one picture. Raises BundleMismatch."""

    def __init__(self, model: bytes, threads: int = 1, cuda: bool = False) -> None:
        onnxruntime.disable_telemetry_events()
        providers: list[Any] = [(CUDA, {"use_tf32": 0}), CPU] if cuda else [CPU]  # TF32 would move the scores
        try:
            self._session = onnxruntime.InferenceSession(model, _options(threads), providers=providers)
        except REFUSALS as error:
            raise BundleMismatch(f"onnxruntime refuses the graph: {error}") from error
        used = self._session.get_providers()[0]
        if cuda and used != CUDA:
            raise BadSetting("BALEFIRE_RUNTIME=cuda: onnxruntime cannot load its CUDA provider on this machine")
        self.name = "cuda" if used == CUDA else "onnxruntime"
        self._input = self._session.get_inputs()[0].name
        self.batches = not isinstance(self._session.get_inputs()[0].shape[0], int)

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            (output,) = self._session.run(None, {self._input: tensor})
        except ort_errors.InvalidArgument as error:
            raise BundleMismatch(f"the graph refuses an input of {tensor.shape}: {error}") from error
        return np.asarray(output, np.float32)


def choose_runtime(name: str, bundle: Bundle, folder: Path, threads: int = 1) -> Runtime:
    """Load the bundle's graph in the runtime called `name`. Raises BadSetting for one that is not here, BundleMismatch.

    auto: CUDA where onnxruntime has it, else onnxruntime on the CPU.
    """
    if name not in NAMES:
        raise BadSetting(f"BALEFIRE_RUNTIME is one of {', '.join(NAMES)}, got {name}")
    if name == "auto":
        name = "cuda" if opens_in_cuda(bundle, folder) else "onnxruntime"
    return open_runtime(name, "", bundle, folder, threads)


def open_runtime(name: str, precision: str, bundle: Bundle, folder: Path, threads: int = 1, streams: int = 1) -> Runtime:
    """The bundle's graph in that runtime and precision ("": the first that is there), for `streams` callers at a time.

    threads: for one picture. Raises BadSetting for a runtime that is not here, BundleMismatch.
    """
    if name == "openvino":
        from balefire.vision.openvino_runtime import OpenVino, require_openvino  # an extra: not everyone has it

        require_openvino()
        files = files_of(bundle, name, precision)
        return OpenVino(read_graph(files, folder), precision or files.precision, threads, streams)
    if name == "cuda" and not has_cuda():
        raise BadSetting("BALEFIRE_RUNTIME=cuda: this onnxruntime has no CUDA; install onnxruntime-gpu")
    model = read_graph(files_of(bundle, name, precision), folder)[".onnx"]
    return OnnxRuntime(model, threads, cuda=name == "cuda")


def has_cuda() -> bool:
    return CUDA in onnxruntime.get_available_providers()


def opens_in_cuda(bundle: Bundle, folder: Path) -> bool:
    """Whether the graph runs there: an onnxruntime with CUDA may stand on a machine without a GPU."""
    if not has_cuda():
        return False
    try:
        open_runtime("cuda", "", bundle, folder)
    except BadSetting:
        return False
    return True


def files_of(bundle: Bundle, runtime: str, precision: str = "") -> GraphFiles:
    """The form of the graph that `runtime` reads for `precision` ("": the first). Raises BundleMismatch.

    OpenVINO reads its own files, else the ONNX; it computes a float graph in bfloat16 by itself.
    """
    readers = ("openvino", "onnxruntime") if runtime == "openvino" else ("onnxruntime",)
    precisions = ("bf16", "fp32", "fp16") if (runtime, precision) == ("openvino", "bf16") else (precision,)
    for reader in readers:
        for wanted in precisions:
            for files in bundle.files:
                if files.runtime == reader and wanted in ("", files.precision):
                    return files
    raise BundleMismatch(f"{bundle.reference} has no files for {runtime} {precision}".rstrip())


def reads(bundle: Bundle, runtime: str, precision: str) -> bool:
    try:
        files_of(bundle, runtime, precision)
    except BundleMismatch:
        return False
    return True


def read_graph(files: GraphFiles, folder: Path) -> dict[str, bytes]:
    """Suffix → checked bytes."""
    return {Path(name).suffix: read_checked(folder, name, sha256) for name, sha256 in files.paths.items()}


def _options(threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3  # errors; warnings speak of the graph's optimisation, which nobody can act on
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the cores alone
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options
