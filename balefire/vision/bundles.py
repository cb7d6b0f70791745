"""Bundles from disk, checked: `models/<name>/<version>/bundle.toml` and the files it names.

Every refusal is a BundleMismatch that names the file and the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, RootModel

from balefire.domain.bundle import Bundle, GraphFiles, Head, InputSpec, ThermalRange
from balefire.domain.detection import Hazard
from balefire.domain.errors import BadSetting, BundleMismatch
from balefire.strict_toml import StrictModel, T, read_toml
from balefire.vision.heads import check_shape
from balefire.vision.onnx_file import graph_facts

MOST_BYTES = 25_000_000
SUFFIXES = {"onnxruntime": [".onnx"], "openvino": [".bin", ".xml"]}

Share = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ThermalTable(StrictModel):
    low: float
    high: float
    unit: str


class InputTable(StrictModel):
    width: int = Field(ge=32, le=4096)
    height: int = Field(ge=32, le=4096)
    layout: Literal["NCHW"] = "NCHW"
    colour: Literal["RGB"] = "RGB"
    range: Literal["0-1"] = "0-1"
    pad: int = Field(default=114, ge=0, le=255)
    thermal: ThermalTable | None = None


class FilesTable(StrictModel):
    runtime: Literal["onnxruntime", "openvino"]
    precision: Literal["fp32", "bf16", "fp16", "int8"]
    paths: dict[str, Sha256] = Field(min_length=1)


class BundleTable(StrictModel):
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    version: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,30}$")
    classes: list[str] = Field(min_length=1)
    hazards: dict[str, Hazard]
    input: InputTable
    head: Head
    licence: str
    thresholds: dict[str, Share]
    files: list[FilesTable] = Field(min_length=1)
    provenance: dict[str, str] = Field(default_factory=dict)


class ChampionTable(StrictModel):
    """`previous`: earlier champions, the last one last; `training.promote --rollback` goes back to it."""

    champion: str
    commercial_use: bool
    previous: list[str] = []


class CatalogTable(RootModel[dict[str, ChampionTable]]):
    pass


def read_bundle(folder: Path) -> Bundle:
    """The bundle in `folder`, after all checks that need no runtime. Raises BundleMismatch."""
    path = folder / "bundle.toml"
    table = _read(path, BundleTable)
    _check_classes(table, path)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise BundleMismatch(f"{folder}: {size} bytes; a bundle folder has at most {MOST_BYTES}")
    bundle = _as_bundle(table)
    for files in bundle.files:
        _check_files(bundle, files, folder)
    return bundle


def read_catalog(models_folder: Path) -> dict[str, Path]:
    """Detector name → folder of its champion, by `catalog.toml`. Raises BundleMismatch."""
    path = models_folder / "catalog.toml"
    folders = {name: models_folder / name / row.champion for name, row in _read(path, CatalogTable).root.items()}
    for name, folder in folders.items():
        if not (folder / "bundle.toml").is_file():
            raise BundleMismatch(f"{path}: the champion of {name} is not there: {folder}")
    return folders


def champion_folders(models: Path, wanted: Sequence[str]) -> dict[str, Path]:
    """The catalogue's champions, or those named in `wanted`. Raises BadSetting for a name it does not know."""
    catalog = read_catalog(models)
    unknown = [name for name in wanted if name not in catalog]
    if unknown:
        raise BadSetting(f"detectors: {unknown[0]} is not in {models / 'catalog.toml'}; there are {', '.join(catalog)}")
    return {name: folder for name, folder in catalog.items() if not wanted or name in wanted}


def read_checked(folder: Path, name: str, sha256: str) -> bytes:
    """The bytes of one file of a bundle: those that were checked, not those that lie there a moment later."""
    if Path(name).name != name:
        raise BundleMismatch(f"{folder / 'bundle.toml'}: {name} does not lie in the bundle's own folder")
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise BundleMismatch(f"{folder / name}: cannot be read: {error.strerror}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise BundleMismatch(f"{folder / name}: SHA-256 is {found}, bundle.toml says {sha256}")
    return data


def _read(path: Path, model: type[T]) -> T:
    try:
        return read_toml(path, model)
    except BadSetting as error:
        newer = "; made by a newer balefire?" if "unknown key" in str(error) else ""
        raise BundleMismatch(f"{error}{newer}") from error


def _check_classes(table: BundleTable, path: Path) -> None:
    known = set(table.classes)
    if len(known) != len(table.classes):
        raise BundleMismatch(f"{path}: a class stands twice in classes")
    for key, named in (("hazards", set(table.hazards)), ("thresholds", set(table.thresholds))):
        if unknown := sorted(named - known):
            raise BundleMismatch(f"{path}: {key} names {', '.join(unknown)}, which is no class of this bundle")
    if missing := sorted(known - set(table.thresholds)):
        raise BundleMismatch(f"{path}: thresholds has no {', '.join(missing)}")


def _check_files(bundle: Bundle, files: GraphFiles, folder: Path) -> None:
    if sorted(Path(name).suffix for name in files.paths) != SUFFIXES[files.runtime]:
        wanted = " and ".join(SUFFIXES[files.runtime])
        raise BundleMismatch(f"{folder / 'bundle.toml'}: files for {files.runtime} are {wanted}, got {[*files.paths]}")
    for name, sha256 in files.paths.items():
        data = read_checked(folder, name, sha256)
        if name.endswith(".onnx"):
            _check_graph(bundle, data, folder / name)


def _check_graph(bundle: Bundle, model: bytes, path: Path) -> None:
    try:
        facts = graph_facts(model)
        if facts.external is not None:
            raise BundleMismatch(f"the data of {facts.external!r} lie outside the file (ONNX external data)")
        if len(facts.outputs) != 1:
            raise BundleMismatch(f"expected one output, got {len(facts.outputs)}")
        check_shape(bundle.head, facts.outputs[0], len(bundle.classes))
    except BundleMismatch as error:
        raise BundleMismatch(f"{path}: {error}") from error


def _as_bundle(table: BundleTable) -> Bundle:
    thermal = table.input.thermal
    return Bundle(
        name=table.name,
        version=table.version,
        classes=tuple(table.classes),
        hazards=table.hazards,
        input=InputSpec(table.input.width, table.input.height, table.input.pad),
        head=table.head,
        licence=table.licence,
        thresholds=table.thresholds,
        files=tuple(GraphFiles(row.runtime, row.precision, row.paths) for row in table.files),
        provenance=table.provenance,
        thermal=ThermalRange(thermal.low, thermal.high, thermal.unit) if thermal else None,
    )
