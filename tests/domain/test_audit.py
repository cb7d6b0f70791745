"""The chain finds what was changed, removed or inserted, and names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from balefire.domain.audit import Act, Entry, Head, faults, fingerprint, follow
from tests.builders import at


def chain(count: int) -> list[Entry]:
    entries, head = list[Entry](), Head()
    for number in range(count):
        entries.append(follow(head, Act(at(number), "li", "camera.change", f"c{number}", '{"name": "a"}', '{"name": "b"}')))
        head = Head(entries[-1].number, entries[-1].sha256)
    return entries


def rehashed(entry: Entry, **changes: object) -> Entry:
    changed = replace(entry, **changes)  # type: ignore[arg-type]
    return replace(changed, sha256=fingerprint(changed))


WHOLE = chain(9)
HEAD = Head(9, WHOLE[-1].sha256)


def without(*numbers: int) -> list[Entry]:
    return [entry for entry in WHOLE if entry.number not in numbers]


def changed(number: int, change: Callable[[Entry], Entry]) -> list[Entry]:
    return [change(entry) if entry.number == number else entry for entry in WHOLE]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (WHOLE, []),
        (without(1), ["entry 1 was removed"]),
        (without(4), ["entry 4 was removed"]),
        (without(4, 5, 6), ["entries 4 to 6 were removed"]),
        (without(9), ["entry 9 was removed"]),
        (without(*range(1, 10)), ["entries 1 to 9 were removed"]),
        *[
            (changed(3, lambda e, f=field, v=value: replace(e, act=replace(e.act, **{f: v}))), [  # type: ignore[misc]
                "entry 3 was changed: its content is not what its hash says"])
            for field, value in {"who": "w", "what": "x", "subject": "y", "before": "{}", "after": "{}", "at": at(99)}.items()
        ],
        (changed(3, lambda e: rehashed(e, act=replace(e.act, who="w"))), [
            "entry 4 does not follow entry 3: one of the two was replaced"]),
        (changed(9, lambda e: rehashed(e, act=replace(e.act, who="w"))), ["entry 9 is not the one that was written last"]),
        ([*WHOLE, follow(HEAD, WHOLE[0].act)], ["entry 10 was inserted: the log goes from 1 to 9"]),
        ([rehashed(WHOLE[0], number=0), *WHOLE], ["entry 0 was inserted: the log goes from 1 to 9"]),
        ([*without(5)[:4], follow(Head(4, WHOLE[3].sha256), WHOLE[0].act), *WHOLE[5:]], [
            "entry 6 does not follow entry 5: one of the two was replaced"]),
    ],
)  # fmt: skip
def test_tampering_is_named(entries: list[Entry], said: list[str]) -> None:
    assert list(faults(entries, HEAD)) == said


def test_a_noted_head_finds_a_log_that_was_written_anew() -> None:
    forged = [replace(entry, act=replace(entry.act, who="nobody")) for entry in WHOLE]
    head, anew = Head(), list[Entry]()
    for entry in forged:
        anew.append(follow(head, entry.act))
        head = Head(anew[-1].number, anew[-1].sha256)
    assert list(faults(anew, head)) == []
    assert list(faults(anew, head, noted=Head(5, WHOLE[4].sha256))) == ["entry 5 is not the one that was noted"]
    assert list(faults(WHOLE, HEAD, noted=Head(5, WHOLE[4].sha256))) == []
    assert list(faults(WHOLE, HEAD, noted=HEAD)) == []
    assert list(faults(WHOLE, HEAD, noted=Head())) == []
    assert list(faults(anew[:3], Head(3, anew[2].sha256), noted=HEAD)) == ["entry 9 is not the one that was noted"]


def test_an_empty_log_is_whole() -> None:
    assert list(faults([], Head())) == []
