"""Refunds that were undone before the money went; the RMA that one had settled may be settled again."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refunds", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_refunds_rma_id", table_name="refunds")
    op.create_index(
        "ix_refunds_rma_id",
        "refunds",
        ["rma_id"],
        unique=True,
        postgresql_where=sa.text("rma_id IS NOT NULL AND undone_at IS NULL"),
    )


def downgrade() -> None:
    op.execute(
        "DELETE FROM refund_lines WHERE refund_id IN (SELECT id FROM refunds WHERE undone_at IS NOT NULL)"
    )
    op.execute("DELETE FROM refunds WHERE undone_at IS NOT NULL")
    op.drop_index("ix_refunds_rma_id", table_name="refunds")
    op.create_index(
        "ix_refunds_rma_id",
        "refunds",
        ["rma_id"],
        unique=True,
        postgresql_where=sa.text("rma_id IS NOT NULL"),
    )
    op.drop_column("refunds", "undone_at")
