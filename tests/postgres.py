"""A private PostgreSQL for one test session, in a folder of its own, on a socket of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text

from tests.needs import program

BINARIES = "usr/lib/postgresql/*/bin"


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server; yields the address of its `postgres` database."""
    initdb, pg_ctl = program("initdb", below=BINARIES), program("pg_ctl", below=BINARIES)
    folder = Path(tempfile.mkdtemp(prefix="balefire-pg-"))
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    as_user = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []  # it refuses to run as root
    if as_user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, capture_output=True, cwd=folder)

    run(initdb, "-D", str(data), "-A", "trust", "-E", "UTF8", "-U", "postgres")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=100"
    run(pg_ctl, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run(pg_ctl, "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str) -> str:
    """An empty database; its address."""
    name = f"t{uuid4().hex[:12]}"
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.replace("@/postgres?", f"@/{name}?")
