"""A number that a change leaves as it was is not told again, unless the channel may have moved its own."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "publications", sa.Column("must_tell", sa.Boolean(), nullable=False, server_default=sa.text("true"))
    )
    op.add_column("publications", sa.Column("unchanged_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("publications", "unchanged_at")
    op.drop_column("publications", "must_tell")
