"""A location says by which time zone a day ends there."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("locations", sa.Column("time_zone", sa.Text(), nullable=False, server_default="UTC"))


def downgrade() -> None:
    op.drop_column("locations", "time_zone")
