"""How a bundle is run: in which runtime, in which precision, by how many workers. Measured by `balefire tune`, else safe."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from balefire.domain.bundle import Bundle
from balefire.domain.errors import BadSetting
from balefire.vision.processor import cores
from balefire.vision.runtimes import files_of, opens_in_cuda, reads

RuntimeName = Literal["onnxruntime", "openvino", "cuda"]
Precision = Literal["fp32", "bf16", "fp16", "int8"]
PRECISIONS: tuple[str, ...] = ("auto", "fp32", "bf16", "fp16", "int8")


@dataclass(frozen=True, slots=True)
class Layout:
    """`workers` look at pictures side by side, each with `threads` threads for one picture."""

    workers: int
    threads: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`reason`: why this and no other, for the log and for `/v1/bundles`."""

    runtime: RuntimeName
    precision: Precision
    workers: int
    threads: int
    reason: str

    def facts(self) -> dict[str, str | int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings ask for. Raises BadSetting for a precision that does not exist."""

    runtime: str = "auto"
    precision: str = "auto"
    workers: int = 0  # 0: as measured

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise BadSetting(f"BALEFIRE_PRECISION is one of {', '.join(PRECISIONS)}, got {self.precision}")

    def allows(self, runtime: str, precision: str, workers: int) -> bool:
        wanted = (self.runtime, self.precision, self.workers or "auto")
        return all(want in ("auto", got) for want, got in zip(wanted, (runtime, precision, workers), strict=True))


def safe_plan(bundle: Bundle, folder: Path, wish: Wish, reason: str = "not measured yet: the safe choice") -> Plan:
    """What runs wherever the bundle does, without a measurement: float32 in ONNX Runtime, one thread a worker.

    Raises BadSetting for what is not here, BundleMismatch where the bundle has no graph of the precision asked for.
    """
    runtime, precision = wish.runtime, "fp32" if wish.precision == "auto" else wish.precision
    if runtime == "auto" and not reads(bundle, "onnxruntime", precision) and reads(bundle, "openvino", precision):
        runtime = "openvino"
    if runtime == "auto":
        runtime = "cuda" if opens_in_cuda(bundle, folder) else "onnxruntime"
    asked = (wish.runtime, wish.precision) != ("auto", "auto")
    plan = Plan(
        runtime=runtime,  # type: ignore[arg-type]
        precision=precision,  # type: ignore[arg-type]
        workers=wish.workers or cores(),
        threads=max(1, cores() // wish.workers) if wish.workers else 1,
        reason=f"asked for by the settings; {reason}" if asked else reason,
    )
    files_of(bundle, plan.runtime, plan.precision)
    return plan
