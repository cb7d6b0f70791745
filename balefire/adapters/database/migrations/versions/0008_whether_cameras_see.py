"""Faults of cameras, what their pictures usually look like, and the rate of their frames"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from balefire.adapters.database.types import UtcTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "faults",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("camera", sa.String(63), sa.ForeignKey("cameras.id"), nullable=False),
        sa.Column("fault", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("until", UtcTime()),
    )
    op.create_index("ix_faults_camera_since", "faults", ["camera", "since"])
    op.create_index("ix_faults_until", "faults", ["until"])
    op.create_table(
        "sights",
        sa.Column("camera", sa.String(63), sa.ForeignKey("cameras.id"), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
    )
    with op.batch_alter_table("pulses") as pulses:
        pulses.drop_column("silent_since")
        pulses.add_column(sa.Column("faults", sa.Text(), nullable=False, server_default=""))
        pulses.add_column(sa.Column("looked_at", UtcTime()))
        pulses.add_column(sa.Column("interval_s", sa.Float(), nullable=False, server_default="0"))
        pulses.add_column(sa.Column("minute_at", UtcTime()))
        pulses.add_column(sa.Column("minute_frames", sa.Integer(), nullable=False, server_default="0"))
        pulses.add_column(sa.Column("minute_before", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("pulses") as pulses:
        for column in ("faults", "looked_at", "interval_s", "minute_at", "minute_frames", "minute_before"):
            pulses.drop_column(column)
        pulses.add_column(sa.Column("silent_since", UtcTime()))
    op.drop_table("sights")
    op.drop_table("faults")
