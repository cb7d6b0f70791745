"""The audit log: what people and programs did, each entry chained to the one before by its hash. It only grows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

GENESIS = "0" * 64  # what the first entry follows


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what to which subject. `before` and `after` are JSON objects or empty; secrets never stand there."""

    at: datetime
    who: str
    what: str  # "camera.change"
    subject: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """`number` counts from 1 without a gap. `previous_sha256`: of the entry before."""

    number: int
    act: Act
    previous_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry, kept apart from the entries: without it nobody would miss the last ones. 0 and GENESIS at first."""

    number: int = 0
    sha256: str = GENESIS


def follow(head: Head, act: Act) -> Entry:
    """The entry that comes after `head`."""
    entry = Entry(head.number + 1, act, head.sha256, "")
    return replace(entry, sha256=fingerprint(entry))


def fingerprint(entry: Entry) -> str:
    """SHA-256, hexadecimal, over everything of the entry but itself. The time counts in whole microseconds."""
    act = entry.act
    said = [entry.number, act.at.isoformat(timespec="microseconds"), act.who, act.what, act.subject, act.before, act.after]
    return hashlib.sha256(json.dumps([*said, entry.previous_sha256], ensure_ascii=True).encode()).hexdigest()


def faults(entries: Iterable[Entry], head: Head, noted: Head | None = None) -> Iterator[str]:
    """What was changed, removed or inserted, one sentence each. entries: all, by number.

    noted: a head that somebody wrote down before. Whoever can rewrite the whole table can also count its hashes anew, and
    only a head kept elsewhere tells.
    """
    last = Head()
    noted_sha256 = GENESIS if noted and noted.number == 0 else None
    for entry in entries:
        if entry.number < 1 or entry.number > head.number:
            yield f"entry {entry.number} was inserted: the log goes from 1 to {head.number}"
            continue
        if entry.number > last.number + 1:
            yield _removed(last.number + 1, entry.number - 1)
        if fingerprint(entry) != entry.sha256:
            yield f"entry {entry.number} was changed: its content is not what its hash says"
        elif entry.number == last.number + 1 and entry.previous_sha256 != last.sha256:
            yield f"entry {entry.number} does not follow entry {last.number}: one of the two was replaced"
        if noted and entry.number == noted.number:
            noted_sha256 = entry.sha256
        last = Head(entry.number, entry.sha256)
    if last.number < head.number:
        yield _removed(last.number + 1, head.number)
    elif last.sha256 != head.sha256:
        yield f"entry {last.number} is not the one that was written last"
    if noted and noted_sha256 != noted.sha256:
        yield f"entry {noted.number} is not the one that was noted"


def _removed(first: int, last: int) -> str:
    return f"entry {first} was removed" if first == last else f"entries {first} to {last} were removed"
