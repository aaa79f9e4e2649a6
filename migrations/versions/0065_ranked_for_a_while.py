"""What waits on a channel is ranked for a while, not for each version."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("ranked_until", sa.DateTime(timezone=True)))
    op.drop_column("publications", "ranked_version")


def downgrade() -> None:
    op.add_column("publications", sa.Column("ranked_version", sa.BigInteger()))
    op.drop_column("channels", "ranked_until")
