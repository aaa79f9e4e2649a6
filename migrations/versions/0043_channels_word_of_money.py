"""The channel's own word of the money beside what people read, and how much it collected by that."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# Until now both shared one column. Where the hub had a word to say, what the channel meant follows from the sums.
_APART = """
UPDATE orders o SET channel_payment = CASE
    WHEN o.refunded = 0 AND NOT EXISTS (SELECT FROM payments p WHERE p.order_id = o.id) THEN o.payment
    WHEN o.payment NOT IN ('paid', 'partly refunded', 'refunded') THEN
      CASE o.payment WHEN 'authorized' THEN 'pending' ELSE o.payment END
    WHEN o.total <= (SELECT coalesce(sum(amount), 0) FROM payments p WHERE p.order_id = o.id AND p.step = 'captured')
    THEN 'pending' ELSE 'paid' END"""
# What was merged away is paid on the order it went into.
_COLLECTED = """
UPDATE orders o SET collected = o.total WHERE o.channel_payment IN ('paid', 'partly refunded', 'refunded')
  AND NOT EXISTS (SELECT FROM order_edits e WHERE e.order_id = o.id AND e.kind = 'cancel' AND e.together <> e.id
                  AND e.undone_at IS NULL)"""
_KNOWN = "IN ('pending', 'authorized', 'paid', 'partly refunded', 'refunded', 'failed')"


def upgrade() -> None:
    op.add_column(
        "orders",
        sa.Column("channel_payment", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
    )
    op.add_column("orders", sa.Column("collected", sa.Numeric(), server_default=sa.text("0"), nullable=False))
    op.execute(_APART)
    op.execute(_COLLECTED)
    op.create_check_constraint(op.f("ck_orders_channel_payment_known"), "orders", f"channel_payment {_KNOWN}")


def downgrade() -> None:
    op.drop_column("orders", "collected")
    op.drop_column("orders", "channel_payment")
