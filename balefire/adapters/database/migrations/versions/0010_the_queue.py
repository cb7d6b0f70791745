"""Raised events queue by urgency, by group; and people keep views of the queue"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
SIX_HOURS_US = 6 * 3600 * 1_000_000


def upgrade() -> None:
    op.add_column("events", sa.Column("queue_at", sa.BigInteger(), nullable=True))
    events = sa.table("events", sa.column("hazard"), sa.column("raised_at"), sa.column("queue_at"))
    start = sa.case((events.c.hazard == "waste", 0), else_=SIX_HOURS_US)  # those from before: by hazard alone
    op.execute(events.update().where(events.c.raised_at.is_not(None)).values(queue_at=events.c.raised_at - start))
    waits = sa.and_(sa.column("raised_at").is_not(None), sa.column("verdict").is_(None))
    for name, columns in (
        ("ix_events_waiting", ["group", "queue_at", "raised_at"]),
        ("ix_events_waiting_camera", ["camera"]),
    ):
        op.create_index(name, "events", columns, sqlite_where=waits, postgresql_where=waits)
    op.create_table(
        "views",
        sa.Column("owner", sa.String(length=140), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_views"),
    )


def downgrade() -> None:
    op.drop_table("views")
    op.drop_index("ix_events_waiting_camera", "events")
    op.drop_index("ix_events_waiting", "events")
    op.drop_column("events", "queue_at")
