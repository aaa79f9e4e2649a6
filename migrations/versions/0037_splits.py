"""Splits and merges: edits of several orders that were made together are undone together."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("order_edits", sa.Column("together", sa.Uuid(), nullable=True))
    op.execute("UPDATE order_edits SET together = id")
    op.alter_column("order_edits", "together", nullable=False)
    op.create_index("ix_order_edits_together", "order_edits", ["together"])


def downgrade() -> None:
    op.drop_index("ix_order_edits_together", table_name="order_edits")
    op.drop_column("order_edits", "together")
