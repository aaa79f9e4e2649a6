"""By when orders must leave: the handling time of a channel, the promise, and whether its end was told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("handling", JSONB(), nullable=True))
    op.add_column("orders", sa.Column("ship_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("late_told_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "late_told_at")
    op.drop_column("orders", "ship_by")
    op.drop_column("channels", "handling")
