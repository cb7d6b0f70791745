"""Measurements kept in the state folder, one file a bundle and processor: `tuning/fire-1.0.0-<graphs>-<processor>.json`."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from balefire.domain.bundle import Bundle
from balefire.vision.bundles import read_bundle
from balefire.vision.plan import Plan, Wish, safe_plan
from balefire.vision.processor import processor, processor_key
from balefire.vision.tuning import Measured, best, common_layout, plan_of


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands in one file."""

    bundle: str
    processor: str
    measured: list[Measured]


KEPT = TypeAdapter(Kept)


def keep(state: Path, bundle: Bundle, measured: list[Measured]) -> Path:
    """Write the measurements, whole or not at all; where they lie."""
    path = _path(state, bundle)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_bytes(KEPT.dump_json(Kept(bundle.reference, processor(), measured), indent=1) + b"\n")
    beside.replace(path)
    return path


def kept(state: Path, bundle: Bundle) -> list[Measured]:
    """Empty where this bundle was not measured on this processor, or the file is spoilt: it will be measured again."""
    try:
        return KEPT.validate_json(_path(state, bundle).read_bytes()).measured
    except (OSError, ValidationError):
        return []


def is_measured(state: Path, folders: dict[str, Path]) -> bool:
    return all(kept(state, read_bundle(folder)) for folder in folders.values())


def plans_for(state: Path, folders: dict[str, Path], wish: Wish) -> dict[str, Plan]:
    """Detector → how it runs: as measured here, or the safe choice; all with the same workers.

    Raises BundleMismatch, and BadSetting for a runtime that is asked for by name and is not here.
    """
    bundles = {name: read_bundle(folder) for name, folder in folders.items()}
    measured = {name: kept(state, bundle) for name, bundle in bundles.items()}
    layout = common_layout(list(measured.values()), wish) if all(measured.values()) else None
    if layout is None:
        reason = "nothing measured fits the settings" if all(measured.values()) else "not measured yet: the safe choice"
        return {name: safe_plan(bundle, folders[name], wish, reason) for name, bundle in bundles.items()}
    chosen = {name: best(rows, wish, layout) for name, rows in measured.items()}
    return {name: plan_of(row, measured[name]) for name, row in chosen.items() if row is not None}


def _path(state: Path, bundle: Bundle) -> Path:
    graphs = hashlib.sha256("".join(sha for files in bundle.files for sha in files.paths.values()).encode()).hexdigest()[:12]
    return state / "tuning" / f"{bundle.name}-{bundle.version}-{graphs}-{processor_key()}.json"
