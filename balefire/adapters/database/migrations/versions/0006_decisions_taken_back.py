"""A decision can be taken back: by a further review that names it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("reviews", sa.Column("undoes", sa.String(length=26), nullable=True))


def downgrade() -> None:
    op.drop_column("reviews", "undoes")
