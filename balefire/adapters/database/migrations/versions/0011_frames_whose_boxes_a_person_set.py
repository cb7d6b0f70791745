"""Frames whose boxes a person set: one that is named without a box shows nothing, by their word"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("reviews", sa.Column("frames", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("reviews", "frames")
