"""Payments that were moved from one order to another when it was split, or merged."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("moved", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("ck_payments_amount_positive"), "payments")
    op.create_check_constraint(
        op.f("ck_payments_amount_positive"), "payments", "amount > 0 OR moved IS NOT NULL AND amount < 0"
    )
    op.create_index("ix_payments_moved", "payments", ["moved"], postgresql_where=sa.text("moved IS NOT NULL"))


def downgrade() -> None:
    op.execute("DELETE FROM payments WHERE moved IS NOT NULL")
    op.drop_index("ix_payments_moved", table_name="payments")
    op.drop_constraint(op.f("ck_payments_amount_positive"), "payments")
    op.create_check_constraint(op.f("ck_payments_amount_positive"), "payments", "amount > 0")
    op.drop_column("payments", "moved")
