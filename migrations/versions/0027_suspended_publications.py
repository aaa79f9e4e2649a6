"""Publications that wait for a person since they would change drastically, and the limits beyond which they do."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ADDED = ("suspended_version", "suspended_quantity", "suspended_at", "dismissed_at", "allowed_at", "jumped_at")
RULES = {
    "suspended_whole": "num_nonnulls(suspended_version, suspended_quantity, suspended_at) IN (0, 3)",
    "dismissed_what_was_suspended": "num_nonnulls(dismissed_at, dismissed_by) IN (0, 2)"
    " AND (dismissed_at IS NULL OR suspended_at IS NOT NULL)",
    "suspends_no_future": "suspended_version <= version",
}


def upgrade() -> None:
    op.add_column("publications", sa.Column("suspended_version", sa.BigInteger()))
    op.add_column("publications", sa.Column("suspended_quantity", sa.Integer()))
    for name in ADDED[2:]:
        op.add_column("publications", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("publications", sa.Column("dismissed_by", sa.Text()))
    for name, rule in RULES.items():
        op.create_check_constraint(op.f(f"ck_publications_{name}"), "publications", rule)
    op.create_index(
        "ix_publications_suspended",
        "publications",
        ["channel_id"],
        postgresql_where=sa.text("suspended_at IS NOT NULL"),
    )
    op.create_table(
        "seatbelts",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("few", sa.Integer(), nullable=False),
        sa.Column("share_percent", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Integer(), nullable=False),
        sa.CheckConstraint("few > 0 AND most > 0 AND factor > 1", name=op.f("ck_seatbelts_limits_possible")),
        sa.CheckConstraint("share_percent BETWEEN 1 AND 100", name=op.f("ck_seatbelts_share_in_range")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_seatbelts_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_seatbelts")),
    )


def downgrade() -> None:
    op.drop_table("seatbelts")
    op.drop_index("ix_publications_suspended", table_name="publications")
    for name in RULES:
        op.drop_constraint(op.f(f"ck_publications_{name}"), "publications")
    for name in (*ADDED, "dismissed_by"):
        op.drop_column("publications", name)
