"""Write-backs count how often they were refused: what is tried after a refusal goes out under another key."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "write_backs", sa.Column("refusals", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("write_backs", "refusals")
