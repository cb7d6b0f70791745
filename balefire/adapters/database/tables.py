"""The tables. What is searched is a column; what is only read back whole is JSON text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

from balefire.adapters.database.types import UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Ulid = String(26)
Slug = String(63)
Digest = String(64)
BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where the type is INTEGER

cameras = Table(
    "cameras", metadata,
    Column("id", Slug, primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit", String(64)),
    Column("facts", Text, nullable=False),
    Column("retired_at", UtcTime),
    Column("zones", Integer, nullable=False, server_default="0"),  # how many ignore zones are in its facts
)  # fmt: skip

pulses = Table(
    "pulses", metadata,
    Column("camera", Slug, ForeignKey("cameras.id"), primary_key=True),
    Column("last_frame_at", UtcTime),
    Column("last_new_at", UtcTime),
    Column("last_captured_at", UtcTime),
    Column("last_picture_sha256", Digest, nullable=False, default=""),
    Column("last_reference_at", UtcTime),
    Column("clock", Text, nullable=False),
    Column("frames", BigInteger, nullable=False, default=0),
    Column("faults", Text, nullable=False, server_default=""),
    Column("looked_at", UtcTime),
    Column("interval_s", Float, nullable=False, server_default="0"),
    Column("minute_at", UtcTime),
    Column("minute_frames", Integer, nullable=False, server_default="0"),
    Column("minute_before", Integer, nullable=False, server_default="0"),
    Column("senders", Text, nullable=False, server_default=""),
    Column("unjudged", Text, nullable=False, server_default=""),
)  # fmt: skip

faults = Table(
    "faults", metadata,
    Column("id", Ulid, primary_key=True),
    Column("camera", Slug, ForeignKey("cameras.id"), nullable=False),
    Column("fault", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
    Index("ix_faults_camera_since", "camera", "since"),
    Index("ix_faults_until", "until"),
)  # fmt: skip

sights = Table(  # what each camera's pictures usually look like
    "sights", metadata,
    Column("camera", Slug, ForeignKey("cameras.id"), primary_key=True),
    Column("body", Text, nullable=False),
)  # fmt: skip

frames = Table(
    "frames", metadata,
    Column("id", Ulid, primary_key=True),
    Column("camera", Slug, ForeignKey("cameras.id"), nullable=False),
    Column("frame_id", String(128), nullable=False),
    Column("captured_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("picture", Text),
    Column("picture_sha256", Digest, nullable=False),
    Column("keep", String(16)),
    Column("first_of_minute", Boolean, nullable=False),
    Column("detections", Text, nullable=False),
    Column("preset", Slug),
    Column("pose", Text),
    UniqueConstraint("camera", "frame_id"),
    Index("ix_frames_camera_captured", "camera", "captured_at"),
)  # fmt: skip

events = Table(
    "events", metadata,
    Column("id", Ulid, primary_key=True),
    Column("camera", Slug, ForeignKey("cameras.id"), nullable=False),
    Column("hazard", String(16), nullable=False),
    Column("group", Ulid, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
    Column("raised_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("preset", Slug),
    Column("pose", Text),
    Column("code", String(16), nullable=False, server_default=""),
    Column("queue_at", UtcTime),  # by urgency, once raised
    Column("best", Text, nullable=False),  # the surest sighting
    Column("verdict", String(16)),  # of the last review
    Index("ix_events_camera_state", "camera", "state"),
    Index("ix_events_state_seen", "state", "last_seen_at"),
    Index("ix_events_group", "group"),
)  # fmt: skip

sightings = Table(
    "sightings", metadata,
    Column("event", Ulid, ForeignKey("events.id"), nullable=False),
    Column("frame", Ulid, nullable=False),
    Column("captured_at", UtcTime, nullable=False),
    Column("detection", Text, nullable=False),
    PrimaryKeyConstraint("event", "frame"),
    Index("ix_sightings_event_captured", "event", "captured_at"),
    Index("ix_sightings_frame", "frame"),
)  # fmt: skip

event_frames = Table(
    "event_frames", metadata,
    Column("event", Ulid, ForeignKey("events.id"), nullable=False),
    Column("frame", Ulid, ForeignKey("frames.id"), nullable=False),
    PrimaryKeyConstraint("event", "frame"),
    Index("ix_event_frames_frame", "frame"),
)  # fmt: skip

reviews = Table(
    "reviews", metadata,
    Column("id", Ulid, primary_key=True),
    Column("event", Ulid, ForeignKey("events.id"), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("boxes", Text, nullable=False),
    Column("undoes", Ulid),
    Column("frames", Text, nullable=False, server_default="[]"),
    Index("ix_reviews_event", "event"),
)  # fmt: skip

changes = Table(
    "changes", metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_changes_at", "at"),
    sqlite_autoincrement=True,  # an id is never used again, not even after a purge
)  # fmt: skip

keys = Table(
    "keys", metadata,
    Column("id", Ulid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_sha256", Digest, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("camera", Slug),
    Column("unit", String(64)),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)  # fmt: skip

users = Table(
    "users", metadata,
    Column("id", Ulid, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("unit", String(64)),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
)  # fmt: skip

sessions = Table(
    "sessions", metadata,
    Column("token_sha256", Digest, primary_key=True),
    Column("user", String(100), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("one_time", Boolean, nullable=False),
)  # fmt: skip

views = Table(
    "views", metadata,
    Column("owner", String(140), nullable=False),
    Column("name", String(60), nullable=False),
    Column("address", Text, nullable=False),
    PrimaryKeyConstraint("owner", "name"),
)  # fmt: skip

units = Table(
    "units", metadata,
    Column("id", Ulid, primary_key=True),
    Column("code", Slug, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("parent", Ulid, ForeignKey("units.id")),
    Index("ix_units_parent", "parent"),
)  # fmt: skip

audit = Table(  # triggers refuse to change or delete a row
    "audit", metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("previous_sha256", Digest, nullable=False),
    Column("sha256", Digest, nullable=False),
)  # fmt: skip

audit_head = Table(  # one row: the newest entry
    "audit_head", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("sha256", Digest, nullable=False),
)  # fmt: skip

drills = Table(
    "drills", metadata,
    Column("id", Ulid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_by", Text, nullable=False),
)  # fmt: skip

leases = Table(
    "leases", metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
)  # fmt: skip


outbox = Table(
    "outbox", metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False),
    Column("channel", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("leased_until", UtcTime),
    Column("holder", Text),
    Column("finished_at", UtcTime),
    Column("last_error", Text, nullable=False),
    UniqueConstraint("key", "channel"),
    Index("ix_outbox_subject", "subject", "channel", "id"),
    Index("ix_outbox_finished", "finished_at"),
    sqlite_autoincrement=True,
)  # fmt: skip

presence = Table(  # rows live for seconds
    "presence", metadata,
    Column("event", Ulid, nullable=False),
    Column("seat", String(36), nullable=False),
    Column("name", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("event", "seat"),
    Index("ix_presence_seen", "seen_at"),
)  # fmt: skip


def _partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> Index:
    """An index of few rows: those that a periodic query looks for, in a table that only grows."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial("ix_frames_kept", frames.c.keep, frames.c.received_at, where=frames.c.keep.is_not(None))
_partial(
    "ix_frames_thin", frames.c.received_at,
    where=and_(frames.c.picture.is_(None), frames.c.first_of_minute.is_(False)),
)  # fmt: skip
_partial("ix_cameras_unit", cameras.c.unit, where=cameras.c.unit.is_not(None))
_partial("ix_cameras_zones", cameras.c.id, where=cameras.c.zones > literal_column("0"))
_partial("ix_events_queue", events.c.id, where=and_(events.c.raised_at.is_not(None), events.c.verdict.is_(None)))
_partial(
    "ix_events_waiting", events.c.group, events.c.queue_at, events.c.raised_at,
    where=and_(events.c.raised_at.is_not(None), events.c.verdict.is_(None)),
)  # fmt: skip
_partial(
    "ix_events_waiting_camera", events.c.camera,
    where=and_(events.c.raised_at.is_not(None), events.c.verdict.is_(None)),
)  # fmt: skip
_partial("ix_events_raised", events.c.raised_at, where=events.c.raised_at.is_not(None))
_partial("ix_frames_minute", frames.c.captured_at, frames.c.camera, where=frames.c.first_of_minute.is_(True))
_partial("ix_outbox_due", outbox.c.channel, outbox.c.due_at, where=outbox.c.state == literal_column("'pending'"))
