"""Units, the audit log that only grows, and drills"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from balefire.adapters.database.types import UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _units()
    _audit()
    op.create_table(
        "drills",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drills")),
    )
    op.add_column("users", sa.Column("disabled_at", UtcTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_column("disabled_at")
    op.drop_table("drills")
    for statement in _fetters("drop"):
        op.execute(statement)
    op.drop_table("audit_head")
    op.drop_table("audit")
    if _on_postgresql():
        op.execute("DROP FUNCTION audit_only_grows()")
    op.drop_index("ix_cameras_unit", "cameras")
    op.drop_index("ix_units_parent", "units")
    op.drop_table("units")


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=63), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("parent", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["parent"], ["units.id"], name=op.f("fk_units_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
    )
    op.create_index("ix_units_parent", "units", ["parent"])
    with_unit = sa.column("unit", sa.String()).is_not(None)
    op.create_index("ix_cameras_unit", "cameras", ["unit"], sqlite_where=with_unit, postgresql_where=with_unit)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "sha256": "0" * 64}])
    for statement in _fetters("create"):
        op.execute(statement)


def _fetters(verb: str) -> list[str]:
    """Triggers that refuse to change or remove an entry: a slip or a bug stops here. An intruder is found by the chain."""
    if not _on_postgresql():
        names = {"update": "audit_never_changes", "delete": "audit_never_shrinks"}
        if verb == "drop":
            return [f"DROP TRIGGER {name}" for name in names.values()]
        return [
            f"CREATE TRIGGER {name} BEFORE {event} ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
            for event, name in names.items()
        ]
    if verb == "drop":
        return ["DROP TRIGGER audit_only_grows ON audit"]
    return [
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$",
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
    ]


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
