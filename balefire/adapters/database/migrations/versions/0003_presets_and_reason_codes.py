"""Where a turning camera looked, and the code of an event's last decision"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("frames", sa.Column("preset", sa.String(63)))
    op.add_column("events", sa.Column("preset", sa.String(63)))
    op.add_column("events", sa.Column("code", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("events", "code")
    op.drop_column("events", "preset")
    op.drop_column("frames", "preset")
