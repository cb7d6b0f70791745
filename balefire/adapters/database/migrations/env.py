"""Alembic runs the migrations over the connection that `migrate` gives it."""

from __future__ import annotations

from alembic import context

from balefire.adapters.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
