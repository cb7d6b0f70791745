"""What people and programs did, written down in the transaction in which they did it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from balefire.domain.access import Principal
from balefire.domain.audit import Act, Head, faults
from balefire.domain.errors import OutOfReach
from balefire.flows.ports import Database, Work

MOST_FAULTS = 100

Facts = Mapping[str, object]


def record(
    work: Work, now: datetime, who: str, what: str, subject: str, before: Facts | None = None, after: Facts | None = None
) -> None:
    """before, after: what JSON can say, without secrets; only what differs is worth saying."""
    work.audit.add(Act(now, who, what, subject, _text(before), _text(after)))


def record_change(work: Work, now: datetime, who: str, what: str, subject: str, before: Facts, after: Facts) -> None:
    """Only what differs; nothing where nothing does."""
    names = [name for name in after if after[name] != before.get(name)]
    if names:
        record(work, now, who, what, subject, {name: before.get(name) for name in names}, {name: after[name] for name in names})


def record_export(
    database: Database, now: datetime, by: Principal, what: str, subject: str, facts: Facts | None = None
) -> None:
    """Pictures or tables that leave the house. `what`: "clip"."""
    with database.begin() as work:
        record(work, now, by.signature, f"export.{what}", subject, after=facts)


def require_whole_house(principal: Principal) -> None:
    """Raises OutOfReach for whoever has a unit or a camera only."""
    if not principal.reach.everywhere:
        raise OutOfReach("this is for administrators of the whole house")


def verify(database: Database, noted: Head | None = None) -> tuple[Head, list[str]]:
    """The head as it is, and what was changed, removed or inserted: the first hundred faults. Reads every entry."""
    found: list[str] = []
    with database.read() as work:
        head = work.audit.head()
        for fault in faults(work.audit.all(), head, noted):
            found.append(fault)
            if len(found) == MOST_FAULTS:
                break
    return head, found


def _text(facts: Facts | None) -> str:
    return "" if facts is None else json.dumps(facts, ensure_ascii=False, sort_keys=True)
