"""Numbers that channels show and did not confirm, what a channel's drift leads to, and when it is read back next."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")
RULES = {
    "cause_known": "cause IN ('in flight', 'lost write', 'mapping', 'our fault', 'not there', 'contested',"
    " 'edited there')",
    "ended_known": "ended IN ('', 'healed', 'adopted', 'left', 'over')",
    "ended_whole": "(ended = '') = (ended_at IS NULL)",
    "judged_with_a_cause": "(judged_at IS NULL) = (cause = 'in flight')",
}


def upgrade() -> None:
    op.create_table(
        "drifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("shows", sa.Integer()),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("ended", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_drifts_{name}")) for name, rule in RULES.items()),
        *(_follows(column, f"{column.removesuffix('_id')}s") for column in ("listing_id", "channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drifts")),
    )
    op.create_index("uq_drifts_open", "drifts", ["listing_id"], unique=True, postgresql_where=OPEN)
    op.create_index("ix_drifts_listing_id", "drifts", ["listing_id", "ended_at"])
    op.create_index("ix_drifts_channel_id", "drifts", ["channel_id", "id"])
    op.add_column("publications", sa.Column("prior_quantity", sa.Integer()))
    policy = sa.Column("drift_policy", sa.Text(), server_default=sa.text("'heal'"), nullable=False)
    op.add_column("channels", policy)
    op.add_column("channels", sa.Column("next_read_at", sa.DateTime(timezone=True)))
    rule = "drift_policy IN ('heal', 'adopt', 'ask')"
    op.create_check_constraint(op.f("ck_channels_drift_policy_known"), "channels", rule)


def _follows(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_drifts_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_channels_drift_policy_known"), "channels")
    op.drop_column("channels", "next_read_at")
    op.drop_column("channels", "drift_policy")
    op.drop_column("publications", "prior_quantity")
    op.drop_table("drifts")
