"""The worst misses and false alarms over all test lists, as contact sheets for eyes. They show other people's pictures:
they are for looking at here, and never part of a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from training.contact_sheet import Mark, Tile, write_sheet
from training.data import JudgeList
from training.looking import Looked
from training.matching import RIGHT_IOU

MOST = 50


@dataclass(slots=True)
class Worst:
    """Collects while lists are judged. `thresholds`: class → score, 0–1; `dangers`: classes that are hazards."""

    pictures: Path
    thresholds: Mapping[str, float]
    dangers: Sequence[str]
    misses: list[tuple[float, Tile]] = field(default_factory=list)
    alarms: list[tuple[float, Tile]] = field(default_factory=list)

    def take(self, name: str, test: JudgeList, looked: Sequence[Looked]) -> None:
        """One judged list. On lists whose labels leave things out, what is not labelled is no false alarm."""
        for row in looked:
            self.misses += self._misses(name, test, row)
            if test.backgrounds:
                self.alarms += self._alarms(name, row)

    def write(self, folder: Path) -> list[Path]:
        """misses.png and false-alarms.png, the worst first; those that would be empty are not written."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, rows in (("misses.png", self.misses), ("false-alarms.png", self.alarms)):
            worst = [tile for _, tile in sorted(rows, key=lambda row: -row[0])[:MOST]]
            if worst:
                write_sheet(worst, folder / name, columns=10)
                written.append(folder / name)
        return written

    def _misses(self, name: str, test: JudgeList, row: Looked) -> Iterator[tuple[float, Tile]]:
        """A labelled box that nothing covers at the threshold. The larger it is in the picture, the worse."""
        found = [seen for seen in row.found if seen.confidence >= self.thresholds.get(seen.class_name, 1.1)]
        for truth in row.truths:
            same = [seen for seen in found if seen.class_name == truth.class_name]
            if truth.class_name in test.judge and all(seen.box.iou(truth.box) < RIGHT_IOU for seen in same):
                marks = [Mark(truth.box, "truth", truth.class_name)]
                marks += [Mark(seen.box, "found", f"{seen.confidence:.2f}") for seen in same]
                best = max((seen.confidence for seen in row.found if seen.box.iou(truth.box) >= RIGHT_IOU), default=0.0)
                yield truth.box.area, self._tile(row, (f"{name}: {truth.class_name}", f"best {best:.2f}"), marks)

    def _alarms(self, name: str, row: Looked) -> Iterator[tuple[float, Tile]]:
        seen = [one for one in row.found if one.class_name in self.dangers]
        over = [one for one in seen if one.confidence >= self.thresholds[one.class_name]]
        if over:
            worst = max(over, key=lambda one: one.confidence)
            marks = [Mark(one.box, "found", f"{one.class_name} {one.confidence:.2f}") for one in over]
            yield worst.confidence, self._tile(row, (name, f"{worst.class_name} {worst.confidence:.2f}"), marks)

    def _tile(self, row: Looked, caption: tuple[str, str], marks: list[Mark]) -> Tile:
        return Tile(self.pictures / row.image, caption, tuple(marks))
