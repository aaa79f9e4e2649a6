"""Count sheets with their lines and entries, and when each level was last counted."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_EMPTY = sa.text("''")


def upgrade() -> None:
    op.add_column("levels", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_movements_at", "movements", ["at"], unique=False, postgresql_using="brin")
    _create_sheets()
    _create_lines()
    op.create_table(
        "count_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("adds", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["count_sheets.id"], name=op.f("fk_count_entries_sheet_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_entries")),
    )
    op.create_index("ix_count_entries_sheet_id", "count_entries", ["sheet_id", "at"], unique=False)


def _create_sheets() -> None:
    op.create_table(
        "count_sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False, start=1), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("blind", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("note", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'posted', 'dropped')", name=op.f("ck_count_sheets_state_known")
        ),
        sa.CheckConstraint(
            "scope IN ('location', 'riskiest', 'chosen')", name=op.f("ck_count_sheets_scope_known")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL)", name=op.f("ck_count_sheets_closed_at_known")
        ),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_count_sheets_location")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_sheets")),
        sa.UniqueConstraint("number", name=op.f("uq_count_sheets_number")),
    )
    op.create_index(
        "ix_count_sheets_open",
        "count_sheets",
        ["location"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_lines() -> None:
    op.create_table(
        "count_lines",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_by", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("reason", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_count_lines_counted_not_negative")),
        sa.CheckConstraint(
            "num_nonnulls(counted, expected, first_at, counted_at) IN (0, 4)",
            name=op.f("ck_count_lines_counted_with_what_was_expected"),
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["count_sheets.id"], name=op.f("fk_count_lines_sheet_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_count_lines_sku")),
        sa.PrimaryKeyConstraint("sheet_id", "sku", name=op.f("pk_count_lines")),
    )
    op.create_index("ix_count_lines_sku", "count_lines", ["sku"], unique=False)


def downgrade() -> None:
    for table in ("count_entries", "count_lines", "count_sheets"):
        op.drop_table(table)
    op.drop_index("ix_movements_at", table_name="movements", postgresql_using="brin")
    op.drop_column("levels", "counted_at")
