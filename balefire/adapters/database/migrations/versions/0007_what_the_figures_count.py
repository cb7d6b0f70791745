"""Raised events by time, and the minutes in which a camera sent a frame: what the figures count"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    raised = sa.column("raised_at").is_not(None)
    op.create_index("ix_events_raised", "events", ["raised_at"], sqlite_where=raised, postgresql_where=raised)
    minute = sa.column("first_of_minute", sa.Boolean()).is_(True)
    op.create_index("ix_frames_minute", "frames", ["captured_at", "camera"], sqlite_where=minute, postgresql_where=minute)


def downgrade() -> None:
    op.drop_index("ix_frames_minute", "frames")
    op.drop_index("ix_events_raised", "events")
