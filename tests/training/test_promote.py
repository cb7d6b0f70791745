"""What a bundle has to beat to become the champion."""

from __future__ import annotations

from typing import Any

import pytest

from balefire.domain.errors import BadInput
from training.promote import compare


def report(ap50: float = 0.7, alarms: int = 8, fingerprint: str = "a", **lists: Any) -> dict[str, Any]:
    flame = {"fingerprint": fingerprint, "classes": {"flame": {"ap50": ap50}}, "false_alarms": None}
    count = {"found": alarms, "of": 277, "share": alarms / 277, "interval95": [0.0126, 0.0561]}
    quiet = {"fingerprint": "b", "classes": {}, "false_alarms": count}
    return {"lists": {"flame_only": flame, "no_fire": quiet, **lists}}


@pytest.mark.parametrize(
    ("challenger", "worse"),
    [
        (report(), []),
        (report(ap50=0.75, alarms=0), []),
        (report(ap50=0.695), []),  # within the slack
        (report(ap50=0.68), ["flame_only · flame AP50: 0.700 → 0.680 — worse"]),
        (report(alarms=15), []),  # within the champion's interval
        (report(alarms=16), ["no_fire · false-alarm share: 0.029 → 0.058 — worse"]),
    ],
)
def test_worse_is_said_list_by_list(challenger: dict[str, Any], worse: list[str]) -> None:
    assert [str(one) for one in compare(report(), challenger) if one.worse] == worse


def test_other_pictures_cannot_be_compared() -> None:
    with pytest.raises(BadInput, match="list flame_only is not the one"):
        list(compare(report(), report(fingerprint="c")))
    with pytest.raises(BadInput, match="list more is not the one"):
        list(compare(report(more=report()["lists"]["no_fire"]), report()))
