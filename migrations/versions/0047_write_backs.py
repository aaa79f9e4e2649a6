"""What channels are told of orders, one row for each effect, and which channel is told of what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

KINDS = "kind IN ('fulfillment', 'cancellation', 'refund')"
STATES = "state IN ('waiting', 'claimed', 'unknown', 'applied', 'rejected', 'withdrawn', 'dismissed')"


def upgrade() -> None:
    op.create_table(
        "write_backs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("channel_ref", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("settled_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_write_backs_kind_known")),
        sa.CheckConstraint(STATES, name=op.f("ck_write_backs_state_known")),
        sa.CheckConstraint(
            "(state = 'claimed') = (claim IS NOT NULL AND leased_until IS NOT NULL)",
            name=op.f("ck_write_backs_claimed_by_one"),
        ),
        sa.CheckConstraint(
            "(state = 'applied') = (told_at IS NOT NULL)", name=op.f("ck_write_backs_applied_at_a_moment")
        ),
        sa.CheckConstraint(
            "state <> 'rejected' OR reason <> ''", name=op.f("ck_write_backs_rejected_with_reason")
        ),
        sa.CheckConstraint(
            "(kind = 'refund') = (amount IS NOT NULL)", name=op.f("ck_write_backs_refund_of_an_amount")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_write_backs_channel_id_channels")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_write_backs_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_backs")),
        sa.UniqueConstraint("kind", "cause_id", name=op.f("uq_write_backs_kind_cause_id")),
    )
    is_open = sa.text("state IN ('waiting', 'claimed', 'unknown')")
    op.create_index("ix_write_backs_open", "write_backs", ["channel_id", "id"], postgresql_where=is_open)
    rejected = sa.text("state = 'rejected'")
    op.create_index("ix_write_backs_rejected", "write_backs", ["channel_id", "id"], postgresql_where=rejected)
    op.create_index("ix_write_backs_order_id", "write_backs", ["order_id", "id"])
    op.create_table(
        "write_back_switches",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_write_back_switches_kind_known")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_write_back_switches_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("channel_id", "kind", name=op.f("pk_write_back_switches")),
    )


def downgrade() -> None:
    op.drop_table("write_back_switches")
    op.drop_table("write_backs")
