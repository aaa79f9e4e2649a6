"""Holds: whose each one is, since when, until when, and what becomes of the stock meanwhile.

The holds that are there take what is known of them: they began when their order was taken, or after.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KNOWN = "holds <@ ARRAY['unmatched','oversold','unsourced','payment','address','fraud','review']"


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stock", sa.Text(), server_default=sa.text("'kept'"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("put_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("stock IN ('kept', 'released')", name=op.f("ck_holds_stock_known")),
        sa.CheckConstraint("reason ~ '^[a-z][a-z0-9 ]{0,39}$'", name=op.f("ck_holds_reason_form")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_holds_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", "reason", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_since", "holds", ["since"])
    op.execute(
        "INSERT INTO holds (order_id, reason, stock, since, put_by)"
        " SELECT id, r, CASE r WHEN 'payment' THEN 'released' ELSE 'kept' END, taken_at, 'hub'"
        " FROM orders, unnest(holds) r WHERE holds <> '{}'"
    )
    op.drop_constraint(op.f("ck_orders_holds_known"), "orders", type_="check")


def downgrade() -> None:
    op.execute(
        "UPDATE orders SET holds = ARRAY(SELECT DISTINCT CASE WHEN r = ANY(ARRAY['unmatched','oversold','unsourced',"
        "'payment','address','fraud']) THEN r ELSE 'review' END FROM unnest(holds) r) WHERE holds <> '{}'"
    )
    op.create_check_constraint(op.f("ck_orders_holds_known"), "orders", KNOWN)
    op.drop_index("ix_holds_since", table_name="holds")
    op.drop_table("holds")
