"""Write-backs of a parcel's carrier and number that were corrected after the channel was told."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("write_backs", sa.Column("corrects", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_write_backs_corrects_write_backs"), "write_backs", "write_backs", ["corrects"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_write_backs_corrects_a_parcel"), "write_backs", "corrects IS NULL OR kind = 'fulfillment'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM write_backs WHERE corrects IS NOT NULL")
    op.drop_constraint(op.f("ck_write_backs_corrects_a_parcel"), "write_backs")
    op.drop_constraint(op.f("fk_write_backs_corrects_write_backs"), "write_backs")
    op.drop_column("write_backs", "corrects")
