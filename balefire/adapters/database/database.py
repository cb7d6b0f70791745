"""Transactions over one engine; SQLite's habits are set here and nowhere else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError

from balefire.adapters.database.cameras import SqlCameras
from balefire.adapters.database.events import SqlEvents
from balefire.adapters.database.frames import SqlFrames
from balefire.adapters.database.people import SqlPeople
from balefire.adapters.database.records import SqlChanges, SqlReviews
from balefire.adapters.database.tables import leases
from balefire.domain.errors import BadSetting

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_261_000
BUSY_S = 30


class SqlWork:
    """Implements `ports.Work` over one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.cameras = SqlCameras(connection)
        self.frames = SqlFrames(connection)
        self.events = SqlEvents(connection)
        self.reviews = SqlReviews(connection)
        self.changes = SqlChanges(connection)
        self.people = SqlPeople(connection)

    def take_lease(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        row = self._connection.execute(select(leases).where(leases.c.name == name).with_for_update()).first()
        until = now + timedelta(seconds=seconds)
        if row is None:
            try:
                with self._connection.begin_nested():
                    self._connection.execute(insert(leases).values(name=name, holder=holder, until=until))
            except IntegrityError:  # another holder was quicker
                return False
            return True
        if row.holder != holder and row.until > now:
            return False
        self._connection.execute(update(leases).where(leases.c.name == name).values(holder=holder, until=until))
        return True


class SqlDatabase:
    """Implements `ports.Database`. Used from several threads; each transaction has a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._writing = engine.execution_options(writing=True)
        self._reading = engine

    def close(self) -> None:
        """Give every connection back."""
        self._reading.dispose()

    @contextlib.contextmanager
    def begin(self) -> Iterator[SqlWork]:
        with self._writing.begin() as connection:
            yield SqlWork(connection)

    @contextlib.contextmanager
    def read(self) -> Iterator[SqlWork]:
        with self._reading.begin() as connection:
            yield SqlWork(connection)


def open_database(url: str) -> SqlDatabase:
    """`sqlite:///path` or `postgresql://…`. Raises BadSetting for an address that is neither or leads nowhere."""
    return SqlDatabase(_engine(url))


def migrate(url: str) -> None:
    """Bring the tables up to date. Safe for several processes at once: they take turns. Raises BadSetting."""
    engine = _engine(url).execution_options(writing=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise BadSetting(f"the database does not answer: {error.orig}") from error
    finally:
        engine.dispose()


def _engine(address: str) -> Engine:
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise BadSetting("database_url: not an address; sqlite:///path or postgresql://user@host/name") from error
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_size=10, max_overflow=10, pool_pre_ping=True)
    if url.get_backend_name() != "sqlite":
        raise BadSetting(f"database_url: {url.get_backend_name()} is not known; sqlite or postgresql")
    engine = create_engine(url, pool_size=16, connect_args={"timeout": BUSY_S, "check_same_thread": False})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_S * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at the start: one that reads first and writes later could not go on beside another."""
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
