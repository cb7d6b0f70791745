"""What a bundle has to beat to become the champion, and the way back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from balefire.domain.errors import BadInput, BadSetting
from training.bootstrap import ap50, ap50_interval, draws
from training.counts import Count
from training.judging import Evidence, Figures, ListFigures
from training.matching import Matched
from training.precision import Precision
from training.promote import compare
from training.report import read_evidence, write_report

PICTURES = 200


def matched(hits: int, seed: int = 0) -> Matched:
    """One labelled box a picture; `hits` of them are found, and forty other boxes that are wrong and less sure."""
    right = np.array([True] * hits + [False] * 40)
    scores = np.concatenate([np.linspace(0.9, 0.5, hits), np.linspace(0.49, 0.1, 40)]).astype(np.float32)
    picture = np.concatenate([np.arange(hits), np.random.default_rng(seed).integers(0, PICTURES, 40)]).astype(np.int32)
    return Matched(scores, right, picture, np.ones(PICTURES, np.int32))


def report(folder: Path, hits: int, alarmed: int, mark: str = "a", scenes: int = PICTURES) -> Path:
    one = matched(hits)
    names = tuple(f"scene {k * scenes // PICTURES}" for k in range(PICTURES))
    precision = Precision(PICTURES, ap50(one), ap50(one), {}, (1.0, 0.0))
    flames = ListFigures(
        "flames", PICTURES, mark, {"flame": precision}, {"flame": ap50_interval(one, draws(names))},
        {"flame": Count(hits, PICTURES)}, None, Evidence(names, {"flame": one}),
    )  # fmt: skip
    alarms = np.arange(PICTURES) < alarmed
    quiet = ListFigures("quiet", PICTURES, "b", false_alarms=Count(alarmed, PICTURES), evidence=Evidence(names, {}, alarms))
    write_report(Figures("x", {"flame": 0.5}, [flames, quiet]), folder)
    return folder


@pytest.mark.parametrize(
    ("hits", "alarmed", "verdicts"),
    [
        (120, 10, ["the same", "the same"]),
        (150, 10, ["better", "the same"]),
        (90, 10, ["worse", "the same"]),
        (120, 40, ["the same", "worse"]),
        (150, 0, ["better", "better"]),
        (121, 11, ["the same", "the same"]),
    ],
)
def test_only_what_lies_beyond_the_interval_counts(tmp_path: Path, hits: int, alarmed: int, verdicts: list[str]) -> None:
    champion, challenger = report(tmp_path / "old", 120, 10), report(tmp_path / "new", hits, alarmed)
    assert [one.verdict for one in compare(champion, challenger)] == verdicts


def test_few_scenes_carry_less_than_many_pictures(tmp_path: Path) -> None:
    """Fifteen more pictures found, all of one scene of ten: that scene alone proves nothing."""
    for scenes, verdict in ((PICTURES, "better"), (10, "the same")):
        pair = [report(tmp_path / f"{name}-{scenes}", hits, 10, scenes=scenes) for name, hits in (("old", 120), ("new", 135))]
        assert next(one.verdict for one in compare(*pair)) == verdict


def test_other_pictures_cannot_be_compared(tmp_path: Path) -> None:
    champion, challenger = report(tmp_path / "old", 120, 10), report(tmp_path / "new", 150, 10, mark="c")
    with pytest.raises(BadInput, match="list flames is not the one"):
        list(compare(champion, challenger))
    (challenger / "evidence.npz").write_bytes(b"damaged")
    with pytest.raises(BadSetting, match=r"evidence\.npz: missing or damaged"):
        read_evidence(challenger)


def test_the_interval_of_a_figure_holds_it_and_shrinks_with_more_scenes() -> None:
    one = matched(120)
    value, whole = ap50(one), ap50_interval(one, draws([str(k) for k in range(PICTURES)]))
    few = ap50_interval(one, draws([str(k // 40) for k in range(PICTURES)]))
    assert value is not None
    assert whole is not None
    assert few is not None
    assert whole[0] < value < whole[1]
    assert few[1] - few[0] > whole[1] - whole[0]
    assert ap50(Matched(one.scores, one.right, one.picture, np.zeros(PICTURES, np.int32))) is None
