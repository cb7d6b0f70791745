"""Make a bundle the champion of its detector: what `balefire serve` loads.

    python -m training.promote models/fire/0.2.0
    python -m training.promote models/fire/0.2.0 --force "smoke matters more here"

Checks the bundle and its golden pictures, compares its report with the champion's, list by list, and writes
models/catalog.toml. Refuses a bundle that is worse on any list: AP50 of a class lower by more than 0.01, or false-alarm
pictures beyond the champion's 95 % interval. The comparison, and the reason of a --force, stand in the card for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from balefire.domain.bundle import Bundle
from balefire.domain.errors import BadInput, BalefireError
from balefire.strict_toml import read_toml
from balefire.vision.bundles import CatalogTable, ChampionTable, read_bundle
from balefire.vision.detector import load_detector
from balefire.vision.golden import check_golden
from training.bundle_files import catalog_toml
from training.report import read_figures

AP_SLACK = 0.01

console = Console()


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one list in both reports; `worse` beyond what is allowed."""

    what: str
    champion: float
    challenger: float
    worse: bool

    def __str__(self) -> str:
        mark = " — worse" if self.worse else ""
        return f"{self.what}: {self.champion:.3f} → {self.challenger:.3f}{mark}"


def promote(folder: Path, models: Path, force: str = "") -> Bundle:
    """Write `folder`'s bundle into `models`/catalog.toml. Raises BundleMismatch, BadSetting; BadInput if it is worse."""
    bundle = read_bundle(folder)
    if folder.resolve() != (models / bundle.name / bundle.version).resolve():
        raise BadInput(f"{folder}: {bundle.reference} belongs in {models / bundle.name / bundle.version}")
    check_golden(load_detector(folder))
    champions = read_champions(models)
    champion = champions.get(bundle.name)
    if champion and champion.champion != bundle.version:
        _face(folder, models / bundle.name / champion.champion, force)
    commercial_use = bundle.provenance.get("commercial_use") == "yes"
    champions[bundle.name] = ChampionTable(champion=bundle.version, commercial_use=commercial_use)
    write_catalog(models, champions)
    return bundle


def _face(folder: Path, champion: Path, force: str) -> None:
    """Compare with the champion and write it into the card. Raises BadInput where it is worse and no reason is given."""
    found = list(compare(read_figures(champion / "report"), read_figures(folder / "report")))
    worse = [one for one in found if one.worse]
    if worse and not force:
        raise BadInput(f"{folder} is worse than {champion.name}: {'; '.join(map(str, worse))}; --force takes a reason")
    forced = [f"**Forced, because: {force}**", ""] if worse else []
    rows = [f"- {one}" for one in found]
    with (folder / "card.md").open("a", encoding="utf-8") as card:
        card.write("\n".join(["", f"## Promoted over {champion.name}", "", *forced, *rows, ""]))


def compare(champion: dict[str, Any], challenger: dict[str, Any]) -> Iterator[Difference]:
    """Each figure of the champion's report against the same of the challenger's. Raises BadInput if lists changed."""
    for name, before in champion["lists"].items():
        after = challenger["lists"].get(name)
        if after is None or after["fingerprint"] != before["fingerprint"]:
            raise BadInput(f"list {name} is not the one that the champion was judged by: evaluate both again")
        for key, one in before["classes"].items():
            old, new = one["ap50"] or 0.0, (after["classes"].get(key) or {"ap50": 0.0})["ap50"] or 0.0
            yield Difference(f"{name} · {key} AP50", old, new, new < old - AP_SLACK)
        if before["false_alarms"]:
            old, new = before["false_alarms"]["share"], after["false_alarms"]["share"]
            yield Difference(f"{name} · false-alarm share", old, new, new > before["false_alarms"]["interval95"][1])


def read_champions(models: Path) -> dict[str, ChampionTable]:
    """What `catalog.toml` says; nothing where there is none yet. Raises BadSetting where it has a fault."""
    path = models / "catalog.toml"
    return dict(read_toml(path, CatalogTable).root) if path.exists() else {}


def write_catalog(models: Path, champions: dict[str, ChampionTable]) -> None:
    """Written beside and renamed."""
    partial = models / "catalog.toml.partial"
    rows = {name: (row.champion, row.commercial_use) for name, row in champions.items()}
    partial.write_text(catalog_toml(rows), encoding="utf-8")
    partial.rename(models / "catalog.toml")


def main(
    folder: Annotated[Path, typer.Argument(help="models/<detector>/<version>")],
    force: Annotated[str, typer.Option(help="the reason why a bundle that is worse is promoted")] = "",
) -> None:
    """Make the bundle in FOLDER the champion."""
    try:
        bundle = promote(folder, folder.resolve().parent.parent, force)
    except BalefireError as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print(f"{bundle.reference} is the champion of {bundle.name}")


if __name__ == "__main__":
    typer.run(main)
