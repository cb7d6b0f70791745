"""Make a bundle the champion of its detector: what `balefire serve` loads.

    python -m training.promote models/fire/0.2.0
    python -m training.promote models/fire/0.2.0 --force "smoke matters more here"
    python -m training.promote --rollback fire

Checks the bundle and its golden pictures, compares its report with the champion's on the frozen lists, and writes
models/catalog.toml. A bundle replaces the champion when it is better on at least one figure beyond the 95 % interval of
their difference and worse on none beyond it, at the same false-alarm budget. Both were judged on the same pictures, so the
difference is drawn over scenes in pairs (training/bootstrap.py). The comparison, and the reason of a --force, stand in the
card for ever.
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
from training.bootstrap import Interval, ap50_difference, draws, share_difference
from training.bundle_files import catalog_toml
from training.card import markdown_table
from training.judging import Evidence
from training.places import MODELS
from training.report import read_evidence, read_figures

console = Console()


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one list in both reports, shares 0–1. `interval`: of the difference, 95 %; `gain`: 1 where more is
    better, −1 where less is."""

    what: str
    champion: float
    challenger: float
    interval: Interval
    gain: int = 1

    @property
    def verdict(self) -> str:
        """better, worse, or no difference beyond the interval."""
        low, high = sorted(self.gain * bound for bound in self.interval)
        return "better" if low > 0 else "worse" if high < 0 else "the same"

    def row(self) -> list[str]:
        low, high = self.interval
        between = f"{self.challenger - self.champion:+.3f} [{low:+.3f} to {high:+.3f}]"
        return [self.what, f"{self.champion:.3f}", f"{self.challenger:.3f}", between, self.verdict]

    def __str__(self) -> str:
        return f"{self.what} {self.champion:.3f} → {self.challenger:.3f}"


def promote(folder: Path, models: Path, force: str = "") -> Bundle:
    """Write `folder`'s bundle into `models`/catalog.toml.

    Raises BundleMismatch, BadSetting; BadInput if it is not better, or worse anywhere, and no reason is given.
    """
    bundle = read_bundle(folder)
    if folder.resolve() != (models / bundle.name / bundle.version).resolve():
        raise BadInput(f"{folder}: {bundle.reference} belongs in {models / bundle.name / bundle.version}")
    check_golden(load_detector(folder))
    champions = read_champions(models)
    champion = champions.get(bundle.name)
    if champion and champion.champion == bundle.version:
        return bundle
    if champion:
        _face(folder, models / bundle.name / champion.champion, force)
    previous = [*champion.previous, champion.champion] if champion else []
    champions[bundle.name] = ChampionTable(
        champion=bundle.version, commercial_use=_is_free(bundle), previous=[one for one in previous if one != bundle.version]
    )
    write_catalog(models, champions)
    return bundle


def rollback(name: str, models: Path) -> Bundle:
    """Make the champion before the present one the champion again. Raises BadInput where there was none, BundleMismatch."""
    champions = read_champions(models)
    if name not in champions or not champions[name].previous:
        raise BadInput(f"{models / 'catalog.toml'}: there was no champion of {name} before the present one")
    *earlier, last = champions[name].previous
    bundle = read_bundle(models / name / last)
    check_golden(load_detector(models / name / last))
    champions[name] = ChampionTable(champion=last, commercial_use=_is_free(bundle), previous=earlier)
    write_catalog(models, champions)
    return bundle


def _is_free(bundle: Bundle) -> bool:
    return bundle.provenance.get("commercial_use") == "yes"


def _face(folder: Path, champion: Path, force: str) -> None:
    """Compare with the champion and write it into the card. Raises BadInput where it does not win and no reason is given."""
    _same_budget(read_bundle(champion), read_bundle(folder))
    found = list(compare(champion / "report", folder / "report"))
    worse = [one for one in found if one.verdict == "worse"]
    wins = not worse and any(one.verdict == "better" for one in found)
    if not wins and not force.strip():
        why = f"worse on {'; '.join(map(str, worse))}" if worse else "better nowhere beyond the interval of the difference"
        raise BadInput(f"{folder} does not replace {champion.name}: {why}; --force takes a reason")
    forced = [] if wins else [f"**Forced, because: {force.strip()}**", ""]
    table = markdown_table(
        ["figure", champion.name, folder.name, "difference, 95 % over scenes", ""], [one.row() for one in found]
    )
    with (folder / "card.md").open("a", encoding="utf-8") as card:
        card.write("\n".join(["", f"## Promoted over {champion.name}", "", *forced, *table, ""]))


def _same_budget(champion: Bundle, challenger: Bundle) -> None:
    """Recall bought with false alarms is no progress. Raises BadInput."""
    before, after = (one.provenance.get("false_alarm_budget") for one in (champion, challenger))
    if before and after and float(before) != float(after):
        raise BadInput(f"{challenger.reference} was given a false-alarm budget of {after}, the champion {before}: export again")


def compare(champion: Path, challenger: Path) -> Iterator[Difference]:
    """Each figure of the champion's report folder against the same of the challenger's. Raises BadInput if lists changed,
    BadSetting where a report is not whole."""
    before, after = read_figures(champion)["lists"], read_figures(challenger)["lists"]
    old, new = read_evidence(champion), read_evidence(challenger)
    for name, one in before.items():
        if name not in after or after[name]["fingerprint"] != one["fingerprint"]:
            raise BadInput(f"list {name} is not the one that the champion was judged by: evaluate both again")
        yield from _differences(name, one, after[name], old[name], new[name])


def _differences(
    name: str, before: dict[str, Any], after: dict[str, Any], old: Evidence, new: Evidence
) -> Iterator[Difference]:
    weights = draws(old.scenes)
    for key, one in before["classes"].items():
        interval = ap50_difference(old.matched[key], new.matched[key], weights)
        if interval is not None:
            yield Difference(f"{name} · {key} AP50", one["ap50"], after["classes"][key]["ap50"], interval)
    if old.alarmed is not None and new.alarmed is not None:
        shares = before["false_alarms"]["share"], after["false_alarms"]["share"]
        yield Difference(f"{name} · false-alarm share", *shares, share_difference(old.alarmed, new.alarmed, weights), gain=-1)


def read_champions(models: Path) -> dict[str, ChampionTable]:
    """What `catalog.toml` says; nothing where there is none yet. Raises BadSetting where it has a fault."""
    path = models / "catalog.toml"
    return dict(read_toml(path, CatalogTable).root) if path.exists() else {}


def write_catalog(models: Path, champions: dict[str, ChampionTable]) -> None:
    """Written beside and renamed."""
    partial = models / "catalog.toml.partial"
    partial.write_text(catalog_toml({name: row.model_dump() for name, row in champions.items()}), encoding="utf-8")
    partial.rename(models / "catalog.toml")


def main(
    folder: Annotated[Path | None, typer.Argument(help="models/<detector>/<version>")] = None,
    force: Annotated[str, typer.Option(help="the reason why a bundle that does not win is promoted")] = "",
    back: Annotated[str, typer.Option("--rollback", help="a detector: its champion before this one is champion again")] = "",
    models: Annotated[Path, typer.Option(help="with --rollback")] = MODELS,
) -> None:
    """Make the bundle in FOLDER the champion."""
    try:
        if (folder is None) == (not back):
            raise BadInput("one of the two: a FOLDER, or --rollback DETECTOR")
        bundle = rollback(back, models) if folder is None else promote(folder, folder.resolve().parent.parent, force)
    except BalefireError as error:
        console.print(f"refused: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print(f"{bundle.reference} is the champion of {bundle.name}")


if __name__ == "__main__":
    typer.run(main)
