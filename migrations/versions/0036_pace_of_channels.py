"""How fast channels keep up: a goal for each, a histogram of each stage, what is paused, and who is told first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    goal = sa.Column("freshness_goal_s", sa.Integer(), server_default=sa.text("60"), nullable=False)
    op.add_column("channels", goal)
    op.create_check_constraint(op.f("ck_channels_goal_positive"), "channels", "freshness_goal_s > 0")
    groups: sa.Column[object] = sa.Column(
        "paused_groups", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
    )
    op.add_column("channels", groups)
    paused: sa.Column[object] = sa.Column(
        "paused", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("publications", paused)
    op.create_index(
        "ix_publications_paused", "publications", ["channel_id"], postgresql_where=sa.text("paused")
    )
    op.add_column("publications", sa.Column("risk", sa.Float(), server_default=sa.text("0"), nullable=False))
    op.add_column("publications", sa.Column("ranked_version", sa.BigInteger()))
    op.create_table(
        "stage_times",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bound_s", sa.Float(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("total_s", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('marked', 'sent', 'confirmed')", name=op.f("ck_stage_times_stage_known")
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_stage_times_counts_something")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_stage_times_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", "stage", "day", "bound_s", name=op.f("pk_stage_times")),
    )


def downgrade() -> None:
    op.drop_table("stage_times")
    op.drop_index("ix_publications_paused", table_name="publications")
    for name in ("ranked_version", "risk", "paused"):
        op.drop_column("publications", name)
    op.drop_column("channels", "paused_groups")
    op.drop_constraint(op.f("ck_channels_goal_positive"), "channels")
    op.drop_column("channels", "freshness_goal_s")
