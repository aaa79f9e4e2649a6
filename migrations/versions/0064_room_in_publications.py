"""Pages of publications have room for the next version of a row: each is written twice a push."""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE publications SET (fillfactor = 70)")


def downgrade() -> None:
    op.execute("ALTER TABLE publications RESET (fillfactor)")
