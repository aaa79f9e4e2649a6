"""What of a line was canceled with the whole order, and the holds that come back with it when it is reopened."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("set_aside", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(
        op.f("ck_orders_sets_aside_while_canceled"), "orders", "set_aside IS NULL OR canceled_at IS NOT NULL"
    )
    op.add_column(
        "order_lines", sa.Column("canceled_with_order", sa.Integer(), server_default="0", nullable=False)
    )
    op.execute(
        "UPDATE order_lines l SET canceled_with_order = l.canceled FROM orders o"
        " WHERE o.id = l.order_id AND o.canceled_at IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_order_lines_canceled_alone_or_with_order"),
        "order_lines",
        "canceled_with_order BETWEEN 0 AND canceled",
    )


def downgrade() -> None:
    op.drop_column("order_lines", "canceled_with_order")
    op.drop_column("orders", "set_aside")
