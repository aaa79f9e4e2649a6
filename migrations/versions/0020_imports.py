"""Files to be imported, and what became of their rows."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_EMPTY, _ZERO = sa.text("''"), sa.text("0")


def upgrade() -> None:
    op.create_table("imports", *_columns(), *_rules())
    op.create_index("ix_imports_created_at", "imports", ["created_at"], unique=False)
    op.create_index(
        "ix_imports_open",
        "imports",
        ["seen_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'applying')"),
    )
    _create_lines()


def _columns() -> list[sa.Column[Any]]:
    counts = ("row_count", "rows_done", "new", "changed", "unchanged", "refused")
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("how", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("problem", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("notes", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default=_ZERO, nullable=False) for name in counts),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _rules() -> list[sa.Constraint]:
    rules = {
        "kind_known": "kind IN ('stock', 'catalog', 'prices', 'listings')",
        "state_known": "state IN ('waiting', 'looked at', 'applying', 'done', 'unread')",
        "unread_with_reason": "(state = 'unread') = (problem <> '')",
        "applied_at_known": "(state IN ('applying', 'done')) = (applied_at IS NOT NULL)",
        "ended_at_known": "(state = 'done') = (ended_at IS NOT NULL)",
        "does_no_more_than_there_is": "rows_done <= row_count",
        "every_row_has_an_outcome": "new + changed + unchanged + refused = rows_done",
    }
    checks = [sa.CheckConstraint(rule, name=op.f(f"ck_imports_{name}")) for name, rule in rules.items()]
    return [*checks, sa.PrimaryKeyConstraint("id", name=op.f("pk_imports"))]


def _create_lines() -> None:
    op.create_table(
        "import_lines",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("column", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("why", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('new', 'changed', 'refused')", name=op.f("ck_import_lines_outcome_known")
        ),
        sa.CheckConstraint(
            "(outcome = 'refused') = (why <> '')", name=op.f("ck_import_lines_refused_with_reason")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_lines_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_import_lines")),
    )


def downgrade() -> None:
    op.drop_table("import_lines")
    op.drop_table("imports")
