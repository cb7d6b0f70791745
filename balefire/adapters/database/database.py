"""Transactions over one engine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty

from balefire.adapters.database.audit import SqlAudit, SqlDrills
from balefire.adapters.database.cameras import SqlCameras
from balefire.adapters.database.engine import BUSY_S, make_engine, without_foreign_keys
from balefire.adapters.database.events import SqlEvents
from balefire.adapters.database.frames import SqlFrames
from balefire.adapters.database.health import SqlHealth
from balefire.adapters.database.outbox import SqlOutbox
from balefire.adapters.database.people import SqlPeople
from balefire.adapters.database.presence import SqlPresence
from balefire.adapters.database.queue import SqlQueue
from balefire.adapters.database.records import SqlChanges, SqlReviews
from balefire.adapters.database.tables import leases
from balefire.adapters.database.units import SqlUnits
from balefire.adapters.database.views import SqlViews
from balefire.domain.errors import BadSetting, Busy

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_261_000


class SqlWork:
    """Implements `ports.Work` over one open transaction."""

    def __init__(self, connection: Connection, channels: Sequence[str] = ()) -> None:
        self._connection = connection
        self.cameras = SqlCameras(connection)
        self.health = SqlHealth(connection)
        self.frames = SqlFrames(connection)
        self.events = SqlEvents(connection)
        self.reviews = SqlReviews(connection)
        self.queue = SqlQueue(connection)
        self.views = SqlViews(connection)
        self.changes = SqlChanges(connection)
        self.people = SqlPeople(connection)
        self.units = SqlUnits(connection)
        self.audit = SqlAudit(connection)
        self.presence = SqlPresence(connection)
        self.drills = SqlDrills(connection)
        self.outbox = SqlOutbox(connection, channels)

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
    """Implements `ports.Database`. Used from several threads; each transaction has a connection of its own.

    Both raise Busy where the database does not answer or stays locked.
    """

    def __init__(self, reading: Engine, writing: Engine, channels: Sequence[str] = ()) -> None:
        self._channels = tuple(channels)
        self._reading, self._writing = reading, writing
        # SQLite has one writer: its waiters sleep and try again, ours are woken. Other processes still meet its lock.
        self._turn = Lock() if writing.dialect.name == "sqlite" else None

    def close(self) -> None:
        """Give every connection back."""
        self._reading.dispose()
        self._writing.dispose()

    @contextlib.contextmanager
    def begin(self) -> Iterator[SqlWork]:
        with _turn(self._turn), _transaction(self._writing, self._channels) as work:
            yield work

    @contextlib.contextmanager
    def read(self) -> Iterator[SqlWork]:
        with _transaction(self._reading, self._channels) as work:
            yield work


@contextlib.contextmanager
def _turn(lock: Lock | None) -> Iterator[None]:
    if lock is None:
        yield
        return
    if not lock.acquire(timeout=BUSY_S):
        raise Busy(f"another writer has held the database for {BUSY_S} s", retry_after_s=5)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _transaction(engine: Engine, channels: Sequence[str]) -> Iterator[SqlWork]:
    with contextlib.ExitStack() as stack:
        try:
            connection = stack.enter_context(engine.begin())
        except (OperationalError, PoolEmpty) as error:
            raise Busy("the database does not answer", retry_after_s=5) from error
        work = SqlWork(connection, channels)
        yield work
        work.audit.flush()  # its lock before that of the changes, in every transaction
        work.changes.flush()


def open_database(url: str, channels: Sequence[str] = ()) -> SqlDatabase:
    """`sqlite:///path` or `postgresql://…`. `channels`: who is told of every event, as `ports.Outbox` says.

    Raises BadSetting for an address that is neither or leads nowhere.
    """
    reading = make_engine(url)
    writing = make_engine(url, writing=True) if reading.dialect.name == "sqlite" else reading
    return SqlDatabase(reading, writing, channels)


def migrate(url: str) -> None:
    """Bring the tables up to date. Safe for several processes at once: they take turns. Raises BadSetting."""
    engine = make_engine(url, writing=True)
    without_foreign_keys(engine)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
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
