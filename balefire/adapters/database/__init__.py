"""The database behind `flows.ports.Database`: SQLite in WAL mode by default, PostgreSQL by address."""

from balefire.adapters.database.database import SqlDatabase, migrate, open_database

__all__ = ["SqlDatabase", "migrate", "open_database"]
