"""How long unpaid orders of a channel keep their stock, and until when each of them does."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OPEN = "pay_by IS NOT NULL AND canceled_at IS NULL AND NOT holds @> ARRAY['payment']"


def upgrade() -> None:
    op.add_column("channels", sa.Column("unpaid_hours", sa.Integer(), nullable=True))
    op.add_column(
        "channels",
        sa.Column(
            "unpaid_but",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{cod,cash on delivery}'"),
            nullable=False,
        ),
    )
    op.create_check_constraint(op.f("ck_channels_unpaid_hours_positive"), "channels", "unpaid_hours > 0")
    op.add_column("orders", sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_orders_pay_by", "orders", ["pay_by"], postgresql_where=sa.text(_OPEN))


def downgrade() -> None:
    op.drop_index("ix_orders_pay_by", table_name="orders")
    op.drop_column("orders", "pay_by")
    op.drop_constraint(op.f("ck_channels_unpaid_hours_positive"), "channels")
    op.drop_column("channels", "unpaid_but")
    op.drop_column("channels", "unpaid_hours")
