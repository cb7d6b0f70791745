"""`report/` of a bundle or a run: figures.json, precision-recall.png, and the table on the screen."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from balefire.domain.errors import BadSetting
from training.bootstrap import Interval
from training.counts import Count
from training.judging import Evidence, Figures, ListFigures
from training.matching import Matched
from training.precision import Precision

DIGITS = 4
TABLE_WIDTH = 110  # columns, with one peer
EVIDENCE = "evidence.npz"


def as_table(figures: Figures, peers: Mapping[str, Mapping[str, Any]] | None = None) -> Table:
    """One row for each list and class; fits 80 columns without peers.

    peers: name → figures.json, shown where the list is the very same.
    """
    settings = ", ".join(f"{name} {value}" for name, value in figures.thresholds.items())
    caption = f"pictures found and false alarms at {settings}; exact 95 % interval"
    table = Table(title=figures.subject, caption=caption, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("list", "class", "AP50", "95 %", "AP50-95", "pictures"):
        table.add_column(column, justify="left" if column in ("list", "class") else "right", no_wrap=True)
    for name in peers or {}:
        table.add_column(escape(name), justify="right", no_wrap=True)
    for row in figures.lists:
        for cells in _rows(row):
            table.add_row(*cells, *(peer_cell(peer, row, cells[1]) for peer in (peers or {}).values()))
        table.add_section()
    return table


def peer_cell(peer: Mapping[str, Any], row: ListFigures, class_name: str) -> str:
    """A peer's AP50, or its false-alarm pictures; empty where it was not judged on this very list."""
    other = peer["lists"].get(row.name)
    if not other or other["fingerprint"] != row.fingerprint:
        return ""
    if row.false_alarms:
        return f"{other['false_alarms']['found']} of {other['false_alarms']['of']}"
    found = other["classes"].get(class_name)
    return shown(found["ap50"]) if found else ""


def _rows(row: ListFigures) -> list[list[str]]:
    if row.false_alarms:
        return [[row.name, "false alarms", "", "", "", escape(counted(row.false_alarms))]]
    return [
        [row.name, name, *_precision(row.precision.get(name), row.intervals.get(name)), escape(counted(count))]
        for name, count in row.pictures_found.items()
    ]


def _precision(precision: Precision | None, interval: Interval | None) -> list[str]:
    if precision is None:
        return ["", "", ""]
    return [shown(precision.ap50), spanned(interval), shown(precision.ap50_95)]


def spanned(interval: Interval | None) -> str:
    """`0.59–0.66`, outwards to two digits."""
    if interval is None:
        return ""
    return f"{math.floor(interval[0] * 100) / 100:.2f}–{math.ceil(interval[1] * 100) / 100:.2f}"


def shown(value: float | None) -> str:
    """Three digits; – where there is nothing to measure."""
    return "–" if value is None else f"{value:.3f}"


def counted(count: Count) -> str:
    """`8 of 277 [1–6 %]`: the count and its exact 95 % interval, outwards to whole percents."""
    low, high = count.interval95
    return f"{count.found} of {count.of} [{math.floor(low * 100)}–{math.ceil(high * 100)} %]"


def as_json(figures: Figures) -> dict[str, Any]:
    """What `figures.json` holds; shares 0–1 with four digits."""
    lists = {row.name: _list_json(row) for row in figures.lists}
    return {"subject": figures.subject, "thresholds": figures.thresholds, "lists": lists}


def _list_json(row: ListFigures) -> dict[str, Any]:
    return {
        "pictures": row.pictures,
        "scenes": len(set(row.evidence.scenes)),
        "fingerprint": row.fingerprint,
        "classes": {name: _precision_json(one, row.intervals.get(name)) for name, one in row.precision.items()},
        "pictures_found": {name: _count_json(count) for name, count in row.pictures_found.items()},
        "false_alarms": _count_json(row.false_alarms) if row.false_alarms else None,
    }


def _precision_json(one: Precision, interval: Interval | None) -> dict[str, Any]:
    by_size = {f"ap50_{size}": _rounded(value) for size, value in one.by_size.items()}
    bounds = [round(bound, DIGITS) for bound in interval] if interval else None
    return {
        "boxes": one.boxes, "ap50": _rounded(one.ap50), "ap50_interval95": bounds, "ap50_95": _rounded(one.ap50_95), **by_size,
    }  # fmt: skip


def _count_json(count: Count) -> dict[str, Any]:
    interval = [round(bound, DIGITS) for bound in count.interval95]
    return {"found": count.found, "of": count.of, "share": round(count.share, DIGITS), "interval95": interval}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def write_report(figures: Figures, folder: Path) -> None:
    """Write figures.json, evidence.npz and precision-recall.png into `folder`, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_curves(figures, folder / "precision-recall.png")
    write_evidence(figures, folder / EVIDENCE)
    write_figures(figures, folder)


def write_figures(figures: Figures, folder: Path) -> None:
    """Only figures.json, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "figures.json.partial"
    partial.write_text(json.dumps(as_json(figures), indent=1) + "\n", encoding="utf-8")
    partial.rename(folder / "figures.json")


def write_evidence(figures: Figures, path: Path) -> None:
    """What every figure was counted from, list by list: a later version is compared with this one on the same scenes."""
    arrays: dict[str, NDArray[Any]] = {}
    for row in figures.lists:
        arrays[f"{row.name}/scenes"] = np.array(row.evidence.scenes)
        for name, one in row.evidence.matched.items():
            key = f"{row.name}/{name}"
            columns = {"scores": one.scores, "right": one.right, "picture": one.picture, "truths": one.truths}
            arrays |= {f"{key}/{column}": values for column, values in columns.items()}
        if row.evidence.alarmed is not None:
            arrays[f"{row.name}/alarmed"] = row.evidence.alarmed
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def read_evidence(folder: Path) -> dict[str, Evidence]:
    """List → what `write_evidence` kept. Raises BadSetting where there is none or it is damaged."""
    path = folder / EVIDENCE
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except (OSError, ValueError) as error:
        raise BadSetting(f"{path}: missing or damaged; python -m training.evaluate writes it") from error
    found: dict[str, Evidence] = {}
    for name in {key.split("/")[0] for key in arrays}:
        classes = {key.split("/")[1] for key in arrays if key.startswith(f"{name}/") and key.count("/") == 2}
        matched = {
            one: Matched(*(arrays[f"{name}/{one}/{column}"] for column in ("scores", "right", "picture", "truths")))
            for one in classes
        }
        found[name] = Evidence(tuple(arrays[f"{name}/scenes"].tolist()), matched, arrays.get(f"{name}/alarmed"))
    return found


def read_figures(folder: Path) -> dict[str, Any]:
    """`figures.json` of a report folder. Raises BadSetting where there is none or it is damaged."""
    path = folder / "figures.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSetting(f"{path}: no such report; python -m training.evaluate writes it") from error
    except json.JSONDecodeError as error:
        raise BadSetting(f"{path}: damaged: {error}") from error
    if not isinstance(values, dict) or not isinstance(values.get("lists"), dict):
        raise BadSetting(f"{path}: holds no figures")
    return values


def draw_curves(figures: Figures, path: Path) -> None:
    """One curve for each list and class that is judged by boxes: precision over recall at IoU 0.5."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4.4), dpi=110, layout="constrained")
    for row in figures.lists:
        for name, one in row.precision.items():
            if one.curve:
                recalls = [k / (len(one.curve) - 1) for k in range(len(one.curve))]
                style = {"flame": "-", "smoke": "--"}.get(name, "-")
                axes.plot(recalls, one.curve, style, linewidth=1.4, label=f"{row.name} · {name} · AP50 {shown(one.ap50)}")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title=figures.subject)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7, loc="lower left")
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)
