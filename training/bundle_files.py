"""The text files of a bundle: bundle.toml, LICENSE, models/catalog.toml. They are checked by reading them back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from balefire.domain.bundle import Bundle
from training.data import Source


def toml_value(value: object) -> str:
    """A TOML value of a text, number, truth value, list or flat table. JSON's texts are TOML's."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {toml_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else json.dumps(name, ensure_ascii=False)


def bundle_toml(bundle: Bundle, chosen_how: str) -> str:
    """chosen_how: one line on how the thresholds came about."""
    spec = {
        "width": bundle.input.width, "height": bundle.input.height,
        "layout": "NCHW", "colour": "RGB", "range": "0-1", "pad": bundle.input.pad,
    }  # fmt: skip
    head = {
        "name": bundle.name, "version": bundle.version, "classes": bundle.classes,
        "hazards": {name: str(hazard) for name, hazard in bundle.hazards.items()},
        "input": spec, "head": bundle.head, "licence": bundle.licence,
    }  # fmt: skip
    lines = [f"{key} = {toml_value(value)}" for key, value in head.items()]
    lines += ["", f"[thresholds]  # {chosen_how}", *_table(bundle.thresholds)]
    for files in bundle.files:
        lines += [
            "",
            "[[files]]",
            *_table({"runtime": files.runtime, "precision": files.precision, "paths": files.paths}),
        ]
    return "\n".join([*lines, "", "[provenance]", *_table(bundle.provenance)]) + "\n"


def _table(values: Mapping[str, object]) -> list[str]:
    return [f"{_key(key)} = {toml_value(value)}" for key, value in values.items()]


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def licence_text(
    bundle: Bundle, sources: Mapping[str, tuple[Source, int]], commercial_use: bool, not_free: Sequence[str] = ()
) -> str:
    """sources: those that training saw, each with its number of training pictures; not_free: what forbids commercial use."""
    use = "free" if commercial_use else "NOT free"
    reasons = "" if commercial_use else f"\nNot free because of: {', '.join(not_free) or 'what the recipe says'}."
    rows = [f"- {key} ({count} pictures): {source.licence}" for key, (source, count) in sources.items()]
    start = bundle.provenance.get("weights", "unknown weights")
    paragraphs = [
        f"The weights of {bundle.reference} (model.onnx, weights.pt)",
        bundle.licence,
        f"These weights are {use} for commercial use.{reasons}",
        f"They were trained from {start} with Ultralytics YOLO (AGPL-3.0), on pictures of:",
        "\n".join(rows),
        "The licences are given as their uploaders state them; many pictures were labelled in good faith by people\n"
        "who do not own them. The pictures are not part of this bundle; those in golden/ are rendered.",
    ]
    return "\n\n".join(paragraphs) + "\n"


def catalog_toml(champions: Mapping[str, Mapping[str, object]]) -> str:
    """champions: detector → the keys of its table."""
    tables = [
        f"[{_key(name)}]\n" + "".join(f"{_key(key)} = {toml_value(value)}\n" for key, value in row.items() if value != [])
        for name, row in sorted(champions.items())
    ]
    return "# Written by training.promote.\n\n" + "\n".join(tables)
