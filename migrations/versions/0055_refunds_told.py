"""Refunds that channels tell: the channel's id of what it gave back, and where the next ones are read from."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("refunds_cursor", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("channel_refund_id", sa.Text(), nullable=True))
    op.execute("""
UPDATE payments p SET channel_refund_id = w.channel_ref FROM write_backs w
WHERE w.id = p.id AND w.kind = 'refund' AND p.step = 'refunded'""")
    op.create_check_constraint(
        op.f("ck_payments_channel_refunds"), "payments", "channel_refund_id IS NULL OR step = 'refunded'"
    )
    op.create_index(
        "uq_payments_channel_refund_id",
        "payments",
        ["order_id", "channel_refund_id"],
        unique=True,
        postgresql_where=sa.text("channel_refund_id <> ''"),
    )


def downgrade() -> None:
    op.drop_index("uq_payments_channel_refund_id", table_name="payments")
    op.drop_column("payments", "channel_refund_id")
    op.drop_column("channels", "refunds_cursor")
