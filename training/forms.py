"""The forms of a bundle's graph, one for each runtime and precision: which of them see the same, and how fast they are.

A form is judged by the bar of CONTRACTS.md: on val pictures, the share of boxes that match those of the trained model in
torch, and by how much AP50 falls. A file that falls short is not released; its figures stand in the card all the same.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console

from balefire.domain.bundle import Bundle, GraphFiles
from balefire.vision.detector import Detector
from balefire.vision.openvino_runtime import has_openvino, openvino_has_bf16
from balefire.vision.runtimes import open_runtime
from training.bundle_files import sha256_of
from training.data import Dataset
from training.looking import look_at, seeing
from training.parity import LEAST_MATCH, MOST_AP50_LOST, SCORE_FLOOR, Parity, compare
from training.quantise import Tensor, can_quantise, write_onnx_int8, write_openvino_int8

ROUNDS = 25
WORTH_IT = 1.05  # times as fast as float32 in the same runtime: below it an INT8 file only takes room


@dataclass(frozen=True, slots=True)
class Form:
    """`files`: what the bundle would carry for it; None where it reads a file of another form (OpenVINO reads the ONNX, and
    computes in bfloat16 by itself). `speed`: pictures a second as a multiple of onnxruntime in float32, one picture at a
    time on all cores, in the same minute. `fault`: why it is not released; empty where it is."""

    runtime: str
    precision: str
    parity: Parity
    milliseconds: float
    speed: float
    files: GraphFiles | None = None
    fault: str = ""

    @property
    def name(self) -> str:
        return f"{self.runtime} {self.precision}"


def candidates(folder: Path, calibration: Sequence[Tensor]) -> Iterator[tuple[str, str, GraphFiles | None]]:
    """Runtime, precision and files of each form beside onnxruntime's float32; INT8 files are written into `folder`.

    calibration: training pictures for INT8; none of it where empty, or where NNCF is not here.
    """
    if has_openvino():
        yield "openvino", "fp32", None
    if has_openvino() and openvino_has_bf16():
        yield "openvino", "bf16", None
    if calibration and can_quantise():
        write_openvino_int8(folder / "model.onnx", calibration, folder / "model.int8.xml")
        yield "openvino", "int8", _files("openvino", folder, "model.int8.xml", "model.int8.bin")
        write_onnx_int8(folder / "model.onnx", calibration, folder / "model.int8.onnx")
        yield "onnxruntime", "int8", _files("onnxruntime", folder, "model.int8.onnx")


def measure_forms(
    bundle: Bundle, folder: Path, trained: Detector, images: Sequence[str], pictures: Path, dataset: Dataset,
    calibration: Sequence[Tensor], threads: int, console: Console,
) -> list[Form]:  # fmt: skip
    """All forms of the graph in `folder`, onnxruntime's float32 first. Files of forms that fall short are gone afterwards.

    trained: the model in torch; images: val pictures below `pictures`. Raises BadLabel, BundleMismatch.
    """
    plain = ("onnxruntime", "fp32", bundle.files[0])
    forms = [plain, *candidates(folder, calibration)]
    theirs = look_at(seeing(trained, SCORE_FLOOR), pictures, dataset, images, "parity: torch", console)
    opened = {}
    parity = {}
    for runtime, precision, files in forms:
        name = f"{runtime} {precision}"
        asked = replace(bundle, files=(files,)) if files else bundle
        opened[name] = Detector(asked, folder, open_runtime(runtime, precision, asked, folder, threads))
        ours = look_at(seeing(opened[name], SCORE_FLOOR), pictures, dataset, images, f"parity: {name}", console)
        parity[name] = compare(ours, theirs, dataset.classes)
    seconds = raced(opened, bundle)
    judged = []
    for runtime, precision, files in forms:
        name = f"{runtime} {precision}"
        speed = seconds["onnxruntime fp32"] / seconds[name]
        gain = seconds[f"{runtime} fp32"] / seconds[name]
        fault = fault_of(precision, parity[name], gain)
        judged.append(Form(runtime, precision, parity[name], seconds[name] * 1000, speed, files, fault))
        if fault and files and files is not bundle.files[0]:
            for path in files.paths:
                (folder / path).unlink()
    return judged


def fault_of(precision: str, parity: Parity, gain: float) -> str:
    """Why a form is not released; empty where it is. gain: times as fast as float32 in the same runtime."""
    if parity.matched < LEAST_MATCH[precision]:
        return f"{parity.matched:.1%} of the boxes match; at least {LEAST_MATCH[precision]:.1%} have to"
    if parity.ap50_difference > MOST_AP50_LOST:
        return f"AP50 moves by {parity.ap50_difference:.3f}; at most {MOST_AP50_LOST} may be lost"
    if precision == "int8" and gain < WORTH_IT:
        return f"{gain:.2f} × the speed of float32: it does not pay"
    return ""


def raced(opened: dict[str, Detector], bundle: Bundle) -> dict[str, float]:
    """Median seconds a picture of each, in turns, so that what else the machine does meets all of them alike."""
    blank = np.random.default_rng(0).random((1, 3, bundle.input.height, bundle.input.width), np.float32)
    taken: dict[str, list[float]] = {name: [] for name in opened}
    for _ in range(ROUNDS):
        for name, detector in opened.items():
            begun = time.perf_counter()
            detector.runtime.run(blank)
            taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(rows[3:]) for name, rows in taken.items()}


def _files(runtime: str, folder: Path, *names: str) -> GraphFiles:
    paths = {name: sha256_of(folder / name) for name in names}
    return GraphFiles("openvino" if runtime == "openvino" else "onnxruntime", "int8", paths)
