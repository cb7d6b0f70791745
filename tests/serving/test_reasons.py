"""Why an event was raised or was not, in words: the pages find every piece of what the service writes, to translate it."""

from __future__ import annotations

import re

import pytest

from balefire.domain.confirmation import Reason, decide
from balefire.settings import CHECKOUT
from tests.builders import at
from tests.domain.test_confirmation import RULE, Rows, sightings_of

SOURCE = CHECKOUT / "serving" / "console" / "web" / "src"
GROWS = [(0, 0.5, 0.1, 0.4), (1, 0.5, 0.12, 0.4), (2, 0.5, 0.14, 0.4)]
SAME = [(second, 0.5, 0.1, 0.4) for second in range(12)]
CASES: dict[str, tuple[Rows, dict[str, object]]] = {
    "few": (GROWS[:2], {}),
    "short": (GROWS, {"dwell_s": 30}),
    "ignored": (GROWS, {"ignored": "chimney"}),
    "seen": (GROWS, {}),
    "sure": ([(0, 0.7, 0.1, 0.4), (1, 0.5, 0.12, 0.4)], {}),
    "faint": ([(0, 0.3, 0.1, 0.4), (1, 0.3, 0.11, 0.4), (2, 0.3, 0.1, 0.4)], {}),
    "steady": (SAME[:4], {}),
    "standing": (SAME, {}),
    "changed": ([*SAME, *[(second, 0.5, 0.3, 0.4) for second in range(12, 16)]], {"standing": True}),
}


def words_of(case: str) -> str:
    rows, how = CASES[case]
    more = dict(how)
    policy = RULE if "dwell_s" not in more else type(RULE)(RULE.hazard, 3, 5, 60, 120, dwell_s=30)
    times = [at(second) for second in range(int(rows[-1][0]) + 1)]
    decision = decide(sightings_of(rows), policy, times, bool(more.get("standing")), more.get("ignored"))  # type: ignore[arg-type]
    assert str(decision.reason) == case
    return decision.words


def test_every_reason_is_tried() -> None:
    assert set(CASES) == {str(reason) for reason in Reason}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("before", ["", "not raised: "])
def test_nothing_of_a_reason_is_left_in_english(case: str, before: str) -> None:
    pieces = re.findall(r"^  \[/(.+)/, reasons\.", (SOURCE / "reasons.ts").read_text(encoding="utf-8"), re.MULTILINE)
    said = (before + words_of(case)).split("; ignored: ")[0]
    for piece in pieces:
        said = re.sub(piece, "", said, count=1)
    assert re.findall(r"[A-Za-z]+", said) == []


def test_every_code_has_words() -> None:
    text = (SOURCE / "event_words.ts").read_text(encoding="utf-8")
    (codes,) = re.findall(r"CODES[^{]+\{(.*?)\};", text, re.DOTALL)
    assert set(re.findall(r"^  (\w+): t\(", codes, re.MULTILINE)) == {str(reason) for reason in Reason}
