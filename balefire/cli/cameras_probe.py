"""`balefire cameras test ADDRESS`: what a stream delivers, and what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.table import Table

from balefire.camera.probe import Report


def report_table(report: Report) -> Table:
    found = report.found
    rows = {
        "source": report.shown,
        "size": f"{found.width} x {found.height}" if found.width else "",
        "codec": found.codec,
        "frames a second": _rate(found.measured_fps if report.live else None, found.declared_fps),
        "key frames": f"{found.key_every_s:.1f} s apart" if found.key_every_s is not None else "",
        "first picture": f"after {found.first_picture_s:.1f} s" if found.first_picture_s is not None else "",
        "pictures": f"{found.pictures}, {found.distinct} of them different" if found.pictures else "none",
    }
    table = Table(show_header=False)
    for name, value in rows.items():
        if value:
            table.add_row(name, value)
    return table


def report_json(report: Report) -> str:
    facts = {name: value for name, value in asdict(report.found).items() if name != "picture"}
    return json.dumps({"source": report.shown, **facts, "wrong": report.wrong}, ensure_ascii=False, indent=1)


def _rate(measured: float | None, declared: float | None) -> str:
    if measured is None:
        return f"{declared:.3g} declared" if declared else ""
    return f"{measured:.3g}" + (f" ({declared:.3g} declared)" if declared else "")
