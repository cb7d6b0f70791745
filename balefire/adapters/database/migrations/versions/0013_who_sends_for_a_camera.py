"""Who sends for a camera: two at once are told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("pulses", sa.Column("senders", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("pulses", "senders")
