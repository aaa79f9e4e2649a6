"""Refunds of an amount for a line, and for no unit of it."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_refund_lines_units_positive"), "refund_lines")
    op.create_check_constraint(op.f("ck_refund_lines_units_not_negative"), "refund_lines", "units >= 0")


def downgrade() -> None:
    op.execute("DELETE FROM refund_lines WHERE units = 0")
    op.drop_constraint(op.f("ck_refund_lines_units_not_negative"), "refund_lines")
    op.create_check_constraint(op.f("ck_refund_lines_units_positive"), "refund_lines", "units > 0")
