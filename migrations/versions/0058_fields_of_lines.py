"""Fields of the retailer's own on the lines of orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "order_fields", sa.Column("of_lines", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.add_column("order_lines", sa.Column("custom", JSONB(), nullable=False, server_default=sa.text("'{}'")))


def downgrade() -> None:
    op.drop_column("order_lines", "custom")
    op.execute("DELETE FROM order_fields WHERE of_lines")
    op.drop_column("order_fields", "of_lines")
