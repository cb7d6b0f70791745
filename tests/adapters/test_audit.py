"""The audit log in a real database: serialised, only growing, and what was done behind its back is found."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from balefire.adapters.database import SqlDatabase, open_database
from balefire.adapters.database.engine import make_engine
from balefire.domain.access import HOUSE, Principal
from balefire.domain.audit import Head
from balefire.domain.errors import Conflict, NotFound, OutOfReach
from balefire.flows import drill
from balefire.flows.audit import record, record_change, verify
from tests.builders import NOON, at


def fill(database: SqlDatabase, count: int = 9) -> None:
    for number in range(count):
        with database.begin() as work:
            record(work, at(number), "li", "camera.change", f"c{number}", {"name": "甲"}, {"name": "乙"})


def behind_its_back(url: str, *statements: str) -> None:
    """As somebody who owns the database would: the triggers are no match for them."""
    engine = make_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        else:
            connection.execute(text("DROP TRIGGER audit_never_changes"))
            connection.execute(text("DROP TRIGGER audit_never_shrinks"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


COPY = "INSERT INTO audit SELECT {}, at, who, what, subject, before, after, previous_sha256, sha256 FROM audit WHERE number = 3"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["SELECT 1"], []),
        (["UPDATE audit SET who = 'wang' WHERE number = 4"], ["entry 4 was changed: its content is not what its hash says"]),
        (["UPDATE audit SET at = at + 1 WHERE number = 4"], ["entry 4 was changed: its content is not what its hash says"]),
        (["DELETE FROM audit WHERE number = 4"], ["entry 4 was removed"]),
        (["DELETE FROM audit WHERE number > 7"], ["entries 8 to 9 were removed"]),
        (["DELETE FROM audit"], ["entries 1 to 9 were removed"]),
        ([COPY.format(10)], ["entry 10 was inserted: the log goes from 1 to 9"]),
        ([COPY.format(0)], ["entry 0 was inserted: the log goes from 1 to 9"]),
        (
            ["DELETE FROM audit WHERE number = 5", COPY.format(5)],
            [
                "entry 5 was changed: its content is not what its hash says",
                "entry 6 does not follow entry 5: one of the two was replaced",
            ],
        ),
        (
            ["DELETE FROM audit WHERE number = 9", "UPDATE audit_head SET number = 8"],
            ["entry 8 is not the one that was written last"],
        ),
    ],
)  # fmt: skip
def test_tampering_is_found(database: SqlDatabase, database_url: str, statements: Sequence[str], said: list[str]) -> None:
    fill(database)
    assert verify(database)[1] == []
    behind_its_back(database_url, *statements)
    assert verify(database)[1] == said


def test_a_noted_head_is_looked_for(database: SqlDatabase) -> None:
    fill(database, 3)
    head, _ = verify(database)
    fill(database, 3)
    assert verify(database, head)[1] == []
    assert verify(database, Head(3, "f" * 64))[1] == ["entry 3 is not the one that was noted"]


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_it_only_grows(database: SqlDatabase, database_url: str, statement: str) -> None:
    fill(database, 1)
    engine = make_engine(database_url)
    refused = "only grows" if engine.dialect.name == "postgresql" or "TRUNCATE" not in statement else "syntax error"
    with pytest.raises(DatabaseError, match=refused), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert verify(database)[0].number == 1


def test_many_at_once_are_one_chain(database: SqlDatabase, database_url: str) -> None:
    """Between threads, and between databases opened apart, as by two processes."""
    replicas = [database, open_database(database_url)]

    def write(number: int) -> None:
        with replicas[number % 2].begin() as work:
            record(work, at(number), "li", "x", str(number))
            work.changes.add("event", str(number), "{}", at(0))
            record(work, at(number), "li", "y", str(number))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(60)))
    replicas[1].close()
    head, faults = verify(database)
    assert (head.number, faults) == (120, [])


def test_what_raises_leaves_no_entry(database: SqlDatabase) -> None:
    def fail() -> None:
        with database.begin() as work:
            record(work, NOON, "li", "x", "y")
            raise NotFound("no")

    with pytest.raises(NotFound):
        fail()
    assert verify(database) == (Head(), [])


def test_a_change_says_what_differs(database: SqlDatabase) -> None:
    with database.begin() as work:
        record_change(work, NOON, "li", "x", "s", {"a": 1, "b": 2}, {"a": 1, "b": 3})
        record_change(work, NOON, "li", "x", "s", {"a": 1}, {"a": 1})
    with database.read() as work:
        assert [(entry.act.before, entry.act.after) for entry in work.audit.page()] == [('{"b": 2}', '{"b": 3}')]


def test_entries_come_newest_first_page_by_page(database: SqlDatabase) -> None:
    fill(database, 5)
    with database.read() as work:
        assert [entry.number for entry in work.audit.page(limit=2)] == [5, 4]
        assert [entry.number for entry in work.audit.page(before=4, limit=9)] == [3, 2, 1]
        assert work.audit.page(what="sign_in") == []
        assert [entry.number for entry in work.audit.all()] == [1, 2, 3, 4, 5]


def test_one_drill_at_a_time(database: SqlDatabase) -> None:
    with pytest.raises(NotFound):
        drill.end(database, NOON)
    with pytest.raises(OutOfReach):
        drill.start(database, NOON, "x", Principal("wang", HOUSE.scopes, unit="u"))

    def start(number: int) -> bool:
        try:
            drill.start(database, NOON, f"Drill {number}")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(start, range(4))) == 1
    drill.end(database, at(60))
    drill.start(database, at(100), "Second")
    with database.read() as work:
        drills = work.drills.newest()
        running = drill.current(work)
        assert [row.kind for row in work.changes.after(0, 9)] == ["drill"] * 3
    assert running is not None
    assert running.name == "Second"
    for seconds, name in [(-1, None), (0, drills[1].name), (59, drills[1].name), (60, None), (100, "Second"), (9999, "Second")]:
        assert drill.name_at(drills, at(seconds)) == name
    assert drill.name_at(drills, at(-5), at(101)) == "Second"
    assert drill.name_at(drills, at(-5), None) is None
