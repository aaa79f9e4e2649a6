"""Backorders with their limits, sourcing policies, and what an order needs to be sourced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

HOLDS = "holds <@ ARRAY['unmatched','oversold',{}'payment','address','fraud','review']"


def upgrade() -> None:
    op.create_table(
        "backorder_terms",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'backorder'"), nullable=False),
        sa.Column("unit_limit", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('backorder', 'preorder')", name=op.f("ck_backorder_terms_kind_known")),
        sa.CheckConstraint("unit_limit >= 0", name=op.f("ck_backorder_terms_limit_not_negative")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_backorder_terms_taken_not_negative")),
        sa.ForeignKeyConstraint(
            ["sku"], ["skus.sku"], name=op.f("fk_backorder_terms_sku"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_backorder_terms")),
    )
    op.create_table(
        "sourcing_policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("strategies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("split_max", sa.Integer(), nullable=True),
        sa.Column("keep_whole", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "strategies <@ ARRAY['single','whole-line','nearest','priority','most-stock']"
            " AND cardinality(strategies) > 0",
            name=op.f("ck_sourcing_policies_strategies_known"),
        ),
        sa.CheckConstraint("split_max > 0", name=op.f("ck_sourcing_policies_split_positive")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_sourcing_policies_channel_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcing_policies")),
        sa.UniqueConstraint(
            "channel_id",
            name=op.f("uq_sourcing_policies_channel_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    _what_orders_need()


def _what_orders_need() -> None:
    op.add_column(
        "orders", sa.Column("priority", sa.Integer(), server_default=sa.text("100"), nullable=False)
    )
    op.add_column("orders", sa.Column("ship_to", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(op.f("ck_orders_priority_in_range"), "orders", "priority BETWEEN 0 AND 10000")
    _may_hold("'unsourced',")
    op.add_column(
        "order_lines", sa.Column("backordered", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_order_lines_backorders_what_is_due"),
        "order_lines",
        "backordered = 0 OR backordered > 0 AND sku IS NOT NULL"
        " AND allocated + shipped + backordered <= quantity - canceled",
    )
    op.create_index(
        "ix_order_lines_backordered",
        "order_lines",
        ["sku"],
        unique=False,
        postgresql_where=sa.text("backordered > 0"),
    )


def _may_hold(more: str) -> None:
    op.drop_constraint(op.f("ck_orders_holds_known"), "orders")
    op.create_check_constraint(op.f("ck_orders_holds_known"), "orders", HOLDS.format(more))


def downgrade() -> None:
    op.drop_index(
        "ix_order_lines_backordered",
        table_name="order_lines",
        postgresql_where=sa.text("backordered > 0"),
    )
    op.drop_constraint(op.f("ck_order_lines_backorders_what_is_due"), "order_lines")
    op.drop_column("order_lines", "backordered")
    op.execute("UPDATE orders SET holds = array_replace(holds, 'unsourced', 'oversold')")
    _may_hold("")
    op.drop_constraint(op.f("ck_orders_priority_in_range"), "orders")
    op.drop_column("orders", "ship_to")
    op.drop_column("orders", "priority")
    op.drop_table("sourcing_policies")
    op.drop_table("backorder_terms")
