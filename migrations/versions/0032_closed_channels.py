"""Channels that are closed, and when their webhooks were looked after."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_STATES = "ck_channels_state_known"


def upgrade() -> None:
    op.add_column("channels", sa.Column("webhooks_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "channels",
        sa.Column("webhooks_problem", sa.Text(), server_default=sa.text("''"), nullable=False),
    )
    op.drop_constraint(op.f(_STATES), "channels", type_="check")
    op.create_check_constraint(op.f(_STATES), "channels", "state IN ('active', 'paused', 'closed')")


def downgrade() -> None:
    op.execute("UPDATE channels SET state = 'paused' WHERE state = 'closed'")
    op.drop_constraint(op.f(_STATES), "channels", type_="check")
    op.create_check_constraint(op.f(_STATES), "channels", "state IN ('active', 'paused')")
    op.drop_column("channels", "webhooks_problem")
    op.drop_column("channels", "webhooks_at")
