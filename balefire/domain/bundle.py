"""One released detector, as facts. Reading and checking the files is `balefire.vision.bundles`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from balefire.domain.detection import Hazard

Head = Literal["anchor-free-nms", "end-to-end"]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What the graph takes: (n, 3, height, width) float32, RGB, 0–1, letterboxed with `pad` (0–255)."""

    width: int
    height: int
    pad: int = 114


@dataclass(frozen=True, slots=True)
class ThermalRange:
    """How 16-bit pictures map to the input: `low` becomes black, `high` white, in `unit`."""

    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class GraphFiles:
    """One form of the graph. `paths` maps file name → SHA-256."""

    runtime: Literal["onnxruntime", "openvino"]
    precision: Literal["fp32", "bf16", "fp16", "int8"]
    paths: dict[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """`models/<name>/<version>/bundle.toml`. `thresholds` per class were chosen on val, never on test."""

    name: str
    version: str
    classes: tuple[str, ...]
    hazards: dict[str, Hazard]
    input: InputSpec
    head: Head
    licence: str
    thresholds: dict[str, float]
    files: tuple[GraphFiles, ...]
    provenance: dict[str, str] = field(default_factory=dict)
    thermal: ThermalRange | None = None

    @property
    def reference(self) -> str:
        """`name@version`, as it stands beside every detection."""
        return f"{self.name}@{self.version}"

    @property
    def sha256(self) -> str:
        """Of the graph that stands first: what `/v1/bundles` shows."""
        return next(iter(self.files[0].paths.values()))
