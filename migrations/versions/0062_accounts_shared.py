"""Accounts know by blind indexes who else is counted with them, and who has their login."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("limits_key", sa.LargeBinary()))
    op.add_column("accounts", sa.Column("login_key", sa.LargeBinary()))


def downgrade() -> None:
    op.drop_column("accounts", "login_key")
    op.drop_column("accounts", "limits_key")
