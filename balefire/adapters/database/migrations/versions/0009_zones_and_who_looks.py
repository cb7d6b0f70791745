"""Ignore zones have an id and come back for a decision; who looks at which event"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from ulid import ULID

from balefire.adapters.database.types import UtcTime

revision = "0009"
down_revision = "0008"

CAMERAS = sa.table("cameras", sa.column("id", sa.String), sa.column("facts", sa.Text), sa.column("zones", sa.Integer))
WITHOUT = {"since": None, "trial_until": None, "confirmed_by": "", "hazard": None, "preset": None, "event": None}


def upgrade() -> None:
    op.add_column("cameras", sa.Column("zones", sa.Integer(), nullable=False, server_default="0"))
    for camera, facts in op.get_bind().execute(sa.select(CAMERAS.c.id, CAMERAS.c.facts)).all():
        known = json.loads(facts)
        if known["ignore_zones"]:
            known["ignore_zones"] = [_named(*zone) for zone in known["ignore_zones"]]
            _save(camera, json.dumps(known), len(known["ignore_zones"]))
    some = sa.column("zones") > 0
    op.create_index("ix_cameras_zones", "cameras", ["id"], sqlite_where=some, postgresql_where=some)
    op.create_table(
        "presence",
        sa.Column("event", sa.String(26), nullable=False),
        sa.Column("seat", sa.String(36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("event", "seat", name="pk_presence"),
    )
    op.create_index("ix_presence_seen", "presence", ["seen_at"])


def downgrade() -> None:
    op.drop_table("presence")
    op.drop_index("ix_cameras_zones", "cameras")
    for camera, facts in op.get_bind().execute(sa.select(CAMERAS.c.id, CAMERAS.c.facts)).all():
        known = json.loads(facts)
        if known["ignore_zones"]:
            told = ("polygon", "owner", "reason", "until")
            known["ignore_zones"] = [[zone[name] for name in told] for zone in known["ignore_zones"]]
            _save(camera, json.dumps(known), 0)
    op.drop_column("cameras", "zones")


def _named(polygon: object, owner: str, reason: str, until: str) -> dict[str, object]:
    return {"id": str(ULID()), "polygon": polygon, "owner": owner, "reason": reason, "until": until, **WITHOUT}


def _save(camera: str, facts: str, zones: int) -> None:
    op.get_bind().execute(sa.update(CAMERAS).where(CAMERAS.c.id == camera).values(facts=facts, zones=zones))
