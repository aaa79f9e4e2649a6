"""Tokens of accounts one logs in to."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("tokens", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("accounts", "tokens")
