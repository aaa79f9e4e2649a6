"""The checks an order goes through when it is new: which note, which hold, by which figures."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_checks",
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("figure", sa.Numeric(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("does IN ('off', 'note', 'hold')", name=op.f("ck_review_checks_does_known")),
        sa.CheckConstraint("figure >= 0", name=op.f("ck_review_checks_figure_not_negative")),
        sa.PrimaryKeyConstraint("check", name=op.f("pk_review_checks")),
    )


def downgrade() -> None:
    op.drop_table("review_checks")
