"""Which faults of sight a camera's pictures do not show"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("pulses", sa.Column("unjudged", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("pulses", "unjudged")
