"""Edits by people: what they changed, which fields are theirs since, and what went back of the money."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no, none = sa.text("false"), sa.text("'{}'")
    op.add_column("orders", sa.Column("channel_canceled", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("orders", sa.Column("refunded", sa.Numeric(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "orders", sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=none, nullable=False)
    )
    op.add_column("orders", sa.Column("owners", sa.LargeBinary(), nullable=True))
    op.add_column("orders", sa.Column("remark", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(op.f("ck_orders_refunded_not_negative"), "orders", "refunded >= 0")
    op.create_index(
        "ix_orders_tags", "orders", ["tags"], postgresql_using="gin", postgresql_where=sa.text("tags <> '{}'")
    )
    op.execute("UPDATE orders SET channel_canceled = true WHERE canceled_at IS NOT NULL")
    op.add_column("order_lines", sa.Column("removed", sa.Boolean(), server_default=no, nullable=False))
    # A line the channel removed was canceled, and costs nothing although it has a price.
    op.execute(
        "UPDATE order_lines SET removed = true WHERE quantity > 0 AND canceled = quantity AND total = 0"
        " AND tax = 0 AND discount = 0 AND unit_price <> 0"
    )
    op.create_table(
        "order_edits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_edits_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_edits")),
    )
    op.create_index("ix_order_edits_order_id", "order_edits", ["order_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_order_edits_order_id", table_name="order_edits")
    op.drop_table("order_edits")
    op.drop_column("order_lines", "removed")
    op.drop_index("ix_orders_tags", table_name="orders")
    op.drop_constraint(op.f("ck_orders_refunded_not_negative"), "orders", type_="check")
    for name in ("remark", "owners", "tags", "refunded", "channel_canceled"):
        op.drop_column("orders", name)
