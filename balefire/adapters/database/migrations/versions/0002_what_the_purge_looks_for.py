"""What the purge and the queue look for: without these, thinning reads every sighting once a frame"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from balefire.adapters.database.types import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("ix_sightings_frame", "sightings", ["frame"])
    op.drop_index("ix_frames_keep_received", "frames")
    op.drop_index("ix_frames_received", "frames")
    keep, picture = sa.column("keep", sa.String()), sa.column("picture", sa.Text())
    first = sa.column("first_of_minute", sa.Boolean())
    _partial("ix_frames_kept", "frames", ["keep", "received_at"], keep.is_not(None))
    _partial("ix_frames_thin", "frames", ["received_at"], sa.and_(picture.is_(None), first.is_(False)))
    raised_at, verdict = sa.column("raised_at", UtcTime()), sa.column("verdict", sa.String())
    _partial("ix_events_queue", "events", ["id"], sa.and_(raised_at.is_not(None), verdict.is_(None)))


def downgrade() -> None:
    op.drop_index("ix_events_queue", "events")
    op.drop_index("ix_frames_thin", "frames")
    op.drop_index("ix_frames_kept", "frames")
    op.create_index("ix_frames_received", "frames", ["received_at"])
    op.create_index("ix_frames_keep_received", "frames", ["keep", "received_at"])
    op.drop_index("ix_sightings_frame", "sightings")


def _partial(name: str, table: str, columns: list[str], where: sa.ColumnElement[bool]) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
