"""`datasets/<set>/corrections.toml`: single labels put right without touching the source. Committed, so that everyone
trains on the same; each has a reason, and says what stood there, so that it ends when the source itself is put right.

    [[label]]
    picture = "waste/street-dumping/images/fyp_0017.jpg"
    was = "0 0.512 0.730 0.310 0.220"      # the line of the label file
    now = "3 0.512 0.730 0.310 0.220"      # empty: no such thing is there
    reason = "broken concrete, no household waste"

    [[picture]]
    path = "fire/cctv/images/0012.jpg"
    reason = "nearly the test picture 0013.jpg"
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from balefire.domain.errors import BadLabel
from balefire.strict_toml import StrictModel, read_toml
from training.labels import LabelBox, parse_label


class LabelFix(StrictModel):
    """One line of one label file. `now` empty: the box is dropped."""

    picture: str
    was: str = Field(min_length=1)
    now: str = ""
    reason: str = Field(min_length=1)


class Dropped(StrictModel):
    """A picture that is used nowhere in train and val."""

    path: str
    reason: str = Field(min_length=1)


class Corrections(StrictModel):
    """All of a data set. They never apply to test pictures: those stay as their labellers gave them."""

    label: list[LabelFix] = []
    picture: list[Dropped] = []

    def of(self, image: str) -> list[LabelFix]:
        return [fix for fix in self.label if fix.picture == image]

    @property
    def dropped(self) -> set[str]:
        return {one.path for one in self.picture}

    @property
    def touched(self) -> set[str]:
        """Every picture that is named."""
        return {*self.dropped, *(fix.picture for fix in self.label)}


def read_corrections(path: Path) -> Corrections:
    """None at all where there is no such file. Raises BadSetting where it has a fault."""
    return read_toml(path, Corrections) if path.is_file() else Corrections()


def corrected(lines: list[str], fixes: list[LabelFix], classes: int, where: str) -> list[LabelBox]:
    """The boxes of a label file's `lines` with `fixes` applied. Raises BadLabel for one whose line is not there (any more)."""
    left = [line.split() for line in lines if line.strip()]
    for fix in fixes:
        if fix.was.split() not in left:
            raise BadLabel(f"{where}: corrections.toml corrects {fix.was!r}, which does not stand there (any more)")
        place = left.index(fix.was.split())
        left[place : place + 1] = [fix.now.split()] if fix.now.strip() else []
    return [parse_label(" ".join(parts), where, classes) for parts in left]
