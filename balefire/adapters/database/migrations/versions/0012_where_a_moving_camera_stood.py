"""Where a turning or flying camera stood and looked: of its frames and of its events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for table in ("frames", "events"):
        op.add_column(table, sa.Column("pose", sa.Text()))


def downgrade() -> None:
    for table in ("frames", "events"):
        op.drop_column(table, "pose")
