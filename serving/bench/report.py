"""What a bench says: rows with their bars, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

console = Console()


@dataclass(frozen=True, slots=True)
class Row:
    """`bar`: what must be reached, as text; empty where the figure only stands beside another."""

    value: float
    unit: str
    bar: str = ""

    @property
    def reached(self) -> bool | None:
        if not self.bar:
            return None
        sign, number = self.bar.split()
        return self.value >= float(number) if sign == ">=" else self.value <= float(number)


def write(out: Path, rows: Mapping[str, Row], title: str = "bench") -> None:
    """The table on the screen; `out` keeps rows of other benches that stand there already."""
    out.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else {}
    after = {**before, **{name: asdict(row) for name, row in rows.items()}}
    out.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
    table = Table("figure", "value", "unit", "bar", "", title=title)
    for name, row in rows.items():
        verdict = {None: "", True: "reached", False: "falls short"}[row.reached]
        table.add_row(name, f"{row.value:g}", row.unit, row.bar, verdict)
    console.print(table)
