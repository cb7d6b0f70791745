"""How a connection behaves; SQLite's habits are set here and nowhere else."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from balefire.domain.errors import BadSetting

BUSY_S = 30
CONNECT_S = 10
RETRY_S = 0.01


class SqliteReader(SQLiteDialect_pysqlite):
    """Transactions begin where we say, not where the driver guesses: one that reads sees one state of the file.

    Said here and not by an event of the engine, which would be asked before every statement.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.execute("BEGIN")


class SqliteWriter(SqliteReader):
    """Takes its lock at the start: one that reads first and writes later could not go on beside another."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.execute("BEGIN IMMEDIATE")


for dialect in (SqliteReader, SqliteWriter):
    registry.register(f"sqlite.{dialect.__name__.lower()}", __name__, dialect.__name__)


def make_engine(address: str, writing: bool = False) -> Engine:
    """writing: its transactions may write. Raises BadSetting where it is neither `sqlite:///path` nor `postgresql://…`."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise BadSetting("database_url: not an address; sqlite:///path or postgresql://user@host/name") from error
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
        waits = {"connect_timeout": CONNECT_S}
        return create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, connect_args=waits, hide_parameters=True)
    if url.get_backend_name() != "sqlite":
        raise BadSetting(f"database_url: {url.get_backend_name()} is not known; sqlite or postgresql")
    waits = {"timeout": BUSY_S, "check_same_thread": False}
    url = url.set(drivername=f"sqlite+sqlite{'writer' if writing else 'reader'}")
    engine = create_engine(url, pool_size=16, max_overflow=16, connect_args=waits, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def without_foreign_keys(engine: Engine) -> None:
    """A migration that rebuilds a table drops the old one first; nothing may cascade from that. Before any connection."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=OFF"))


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the dialect begins
    connection.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")
    _keep_a_write_ahead_log(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _keep_a_write_ahead_log(connection: Any) -> None:
    """A new file changes its journal once, and for that alone SQLite does not wait: of two processes one is refused."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(RETRY_S)
