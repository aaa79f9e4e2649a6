"""Write-backs remember that the channel may have them, whatever a person decides."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "write_backs",
        sa.Column("may_be_there", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.execute("""
UPDATE write_backs SET may_be_there = true
WHERE state = 'unknown' OR state = 'rejected' AND starts_with(reason, 'nobody knows')""")


def downgrade() -> None:
    op.drop_column("write_backs", "may_be_there")
