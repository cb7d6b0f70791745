"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from balefire.adapters.database.types import UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "cameras",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("retired_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cameras")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index("ix_changes_at", ["at"], unique=False)

    op.create_table(
        "keys",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("camera", sa.String(length=63), nullable=True),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("one_time", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sessions")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("camera", sa.String(length=63), nullable=False),
        sa.Column("hazard", sa.String(length=16), nullable=False),
        sa.Column("group", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("last_seen_at", UtcTime(), nullable=False),
        sa.Column("raised_at", UtcTime(), nullable=True),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("best", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_events_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_camera_state", ["camera", "state"], unique=False)
        batch_op.create_index("ix_events_group", ["group"], unique=False)
        batch_op.create_index("ix_events_state_seen", ["state", "last_seen_at"], unique=False)

    op.create_table(
        "frames",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("camera", sa.String(length=63), nullable=False),
        sa.Column("frame_id", sa.String(length=128), nullable=False),
        sa.Column("captured_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("picture_sha256", sa.String(length=64), nullable=False),
        sa.Column("keep", sa.String(length=16), nullable=True),
        sa.Column("first_of_minute", sa.Boolean(), nullable=False),
        sa.Column("detections", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_frames_camera")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frames")),
        sa.UniqueConstraint("camera", "frame_id", name=op.f("uq_frames_camera")),
    )
    with op.batch_alter_table("frames", schema=None) as batch_op:
        batch_op.create_index("ix_frames_camera_captured", ["camera", "captured_at"], unique=False)
        batch_op.create_index("ix_frames_keep_received", ["keep", "received_at"], unique=False)
        batch_op.create_index("ix_frames_received", ["received_at"], unique=False)

    op.create_table(
        "pulses",
        sa.Column("camera", sa.String(length=63), nullable=False),
        sa.Column("last_frame_at", UtcTime(), nullable=True),
        sa.Column("last_new_at", UtcTime(), nullable=True),
        sa.Column("last_captured_at", UtcTime(), nullable=True),
        sa.Column("last_picture_sha256", sa.String(length=64), nullable=False),
        sa.Column("last_reference_at", UtcTime(), nullable=True),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=False),
        sa.Column("silent_since", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["camera"], ["cameras.id"], name=op.f("fk_pulses_camera")),
        sa.PrimaryKeyConstraint("camera", name=op.f("pk_pulses")),
    )
    op.create_table(
        "event_frames",
        sa.Column("event", sa.String(length=26), nullable=False),
        sa.Column("frame", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_event_frames_event")),
        sa.ForeignKeyConstraint(["frame"], ["frames.id"], name=op.f("fk_event_frames_frame")),
        sa.PrimaryKeyConstraint("event", "frame", name=op.f("pk_event_frames")),
    )
    with op.batch_alter_table("event_frames", schema=None) as batch_op:
        batch_op.create_index("ix_event_frames_frame", ["frame"], unique=False)

    op.create_table(
        "reviews",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event", sa.String(length=26), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("boxes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_reviews_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.create_index("ix_reviews_event", ["event"], unique=False)

    op.create_table(
        "sightings",
        sa.Column("event", sa.String(length=26), nullable=False),
        sa.Column("frame", sa.String(length=26), nullable=False),
        sa.Column("captured_at", UtcTime(), nullable=False),
        sa.Column("detection", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_sightings_event")),
        sa.PrimaryKeyConstraint("event", "frame", name=op.f("pk_sightings")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index("ix_sightings_event_captured", ["event", "captured_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.drop_index("ix_sightings_event_captured")

    op.drop_table("sightings")
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.drop_index("ix_reviews_event")

    op.drop_table("reviews")
    with op.batch_alter_table("event_frames", schema=None) as batch_op:
        batch_op.drop_index("ix_event_frames_frame")

    op.drop_table("event_frames")
    op.drop_table("pulses")
    with op.batch_alter_table("frames", schema=None) as batch_op:
        batch_op.drop_index("ix_frames_received")
        batch_op.drop_index("ix_frames_keep_received")
        batch_op.drop_index("ix_frames_camera_captured")

    op.drop_table("frames")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_state_seen")
        batch_op.drop_index("ix_events_group")
        batch_op.drop_index("ix_events_camera_state")

    op.drop_table("events")
    op.drop_table("users")
    op.drop_table("sessions")
    op.drop_table("leases")
    op.drop_table("keys")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index("ix_changes_at")

    op.drop_table("changes")
    op.drop_table("cameras")
