"""Migrations say what the tables say, forth and back, and several processes may start at once."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from balefire.adapters.database import migrate, open_database
from balefire.adapters.database.database import MIGRATIONS
from balefire.adapters.database.engine import make_engine
from balefire.adapters.database.tables import metadata
from balefire.domain.errors import BadSetting, Busy
from balefire.domain.zone import IgnoreZone
from tests.builders import at, camera, event, frame


def test_migrations_say_what_the_tables_say(database_url: str) -> None:
    migrate(database_url)
    migrate(database_url)  # twice does nothing
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_several_processes_migrate_at_once(database_url: str) -> None:
    code = "import sys; from balefire.adapters.database import migrate; migrate(sys.argv[1])"
    running = [subprocess.Popen([sys.executable, "-c", code, database_url], stderr=subprocess.PIPE) for _ in range(2)]
    for process in running:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


def test_a_new_file_that_another_process_is_writing_is_waited_for(tmp_path: Path) -> None:
    """The change of a new file's journal is refused at once by SQLite, whatever the time it was told to wait."""
    path = tmp_path / "new.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(1) as thread:
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE of_another (id INTEGER)")
        migrated = thread.submit(migrate, f"sqlite:///{path}")
        assert wait([migrated], timeout=0.5).not_done
        other.execute("COMMIT")
        migrated.result(timeout=30)


@pytest.mark.parametrize("address", ["nonsense", "mysql://x/y", "postgresql://nobody@127.0.0.1:1/none"])
def test_an_address_that_leads_nowhere(address: str) -> None:
    with pytest.raises(BadSetting):
        migrate(address)


def test_a_database_that_does_not_answer_is_busy() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Busy), database.begin():
        pass
    with pytest.raises(Busy), database.read():
        pass


def test_rows_live_through_migrations(database_url: str) -> None:
    migrate(database_url)
    seen, known = frame(1), event(1)
    zone = IgnoreZone(((0.3, 0.3), (0.6, 0.3), (0.6, 0.6)), "Li", "chimney", at(60), "before")
    database = open_database(database_url)
    with database.begin() as work:
        work.cameras.add(camera(ignore_zones=(zone,)))
        work.frames.add(seen)
        work.events.add(known)
        work.events.link_frames(known.id, [seen.id])
    _move(database_url, "0001")
    migrate(database_url)
    with database.read() as work:
        assert work.events.frames_of(known.id) == [seen]
        (kept,) = work.cameras.with_zones()
        assert replace(kept.ignore_zones[0], id=zone.id) == zone
    database.close()


def _move(url: str, revision: str) -> None:
    engine, config = make_engine(url, writing=True), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()
