"""Rules for what a channel may see, and the groups of SKUs they may name."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("skus", sa.Column("sku_group", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_index(
        "ix_skus_sku_group",
        "skus",
        ["sku_group"],
        unique=False,
        postgresql_where=sa.text("sku_group <> ''"),
    )
    op.create_table(
        "visibility_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("sku_group", sa.Text(), nullable=True),
        sa.Column("listing_id", sa.Uuid(), nullable=True),
        sa.Column("buffer", sa.Integer(), nullable=True),
        sa.Column("buffer_percent", sa.Integer(), nullable=True),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("allotment", sa.Integer(), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=True),
        sa.Column("locations", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        *_rules_of_the_rules(),
    )
    op.create_index(
        "ix_visibility_rules_listing_id",
        "visibility_rules",
        ["listing_id"],
        unique=False,
        postgresql_where=sa.text("listing_id IS NOT NULL"),
    )


def _rules_of_the_rules() -> list[sa.Constraint]:
    checks = {
        "listing_says_all": "listing_id IS NULL OR (channel_id IS NULL AND sku_group IS NULL)",
        "group_not_empty": "sku_group <> ''",
        "says_something": "num_nonnulls(buffer, buffer_percent, cap, allotment, minimum, locations) > 0",
        "buffer_in_one_unit": "num_nonnulls(buffer, buffer_percent) <= 1",
        "percent_in_range": "buffer_percent BETWEEN 0 AND 100",
        "buffer_not_negative": "buffer >= 0",
        "cap_not_negative": "cap >= 0",
        "allotment_not_negative": "allotment >= 0",
        "minimum_not_negative": "minimum >= 0",
        "allotment_of_a_channel": "allotment IS NULL OR channel_id IS NOT NULL OR listing_id IS NOT NULL",
        "locations_named": "cardinality(locations) > 0",
    }
    return [
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_visibility_rules_{name}"))
            for name, rule in checks.items()
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_visibility_rules_channel_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_visibility_rules_listing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visibility_rules")),
        sa.UniqueConstraint(
            "channel_id",
            "sku_group",
            "listing_id",
            name=op.f("uq_visibility_rules_channel_id_sku_group_listing_id"),
            postgresql_nulls_not_distinct=True,
        ),
    ]


def downgrade() -> None:
    op.drop_index(
        "ix_visibility_rules_listing_id",
        table_name="visibility_rules",
        postgresql_where=sa.text("listing_id IS NOT NULL"),
    )
    op.drop_table("visibility_rules")
    op.drop_index("ix_skus_sku_group", table_name="skus", postgresql_where=sa.text("sku_group <> ''"))
    op.drop_column("skus", "sku_group")
