"""Barcodes of listings, looks at all a channel offers, listings that are gone, and what finds SKUs that are alike."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.add_column("listings", sa.Column("barcode", sa.Text(), server_default=sa.text("''"), nullable=False))
    for name in ("seen_at", "missed_at", "gone_at"):
        op.add_column("listings", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("publications", sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_publications_stopped_waits_for_nothing"),
        "publications",
        "stopped_at IS NULL OR confirmed_version = version",
    )
    _looks_at_channels()
    _indexes()


def _looks_at_channels() -> None:
    op.add_column("channels", sa.Column("listings_cursor", sa.Text(), nullable=True))
    for name in ("listings_began_at", "listings_pulled_at", "next_listings_pull_at"):
        op.add_column("channels", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE channels SET next_listings_pull_at = created_at + interval '1 day'")
    op.alter_column("channels", "next_listings_pull_at", nullable=False)


def _indexes() -> None:
    unmatched = sa.text("sku IS NULL AND gone_at IS NULL")
    op.create_index("ix_listings_unmatched", "listings", ["id"], postgresql_where=unmatched)
    for table in ("listings", "skus"):
        op.create_index(
            f"ix_{table}_barcode",
            table,
            [sa.text("ltrim(barcode, '0')")],
            postgresql_where=sa.text("barcode <> ''"),
        )
    op.create_index("ix_skus_lower", "skus", [sa.text("lower(sku)")])
    op.create_index(
        "ix_skus_name", "skus", ["name"], postgresql_using="gist", postgresql_ops={"name": "gist_trgm_ops"}
    )


def downgrade() -> None:
    for name in ("ix_skus_name", "ix_skus_lower", "ix_skus_barcode"):
        op.drop_index(name, table_name="skus")
    for name in ("ix_listings_barcode", "ix_listings_unmatched"):
        op.drop_index(name, table_name="listings")
    for name in ("next_listings_pull_at", "listings_pulled_at", "listings_began_at", "listings_cursor"):
        op.drop_column("channels", name)
    op.drop_constraint(op.f("ck_publications_stopped_waits_for_nothing"), "publications")
    op.drop_column("publications", "stopped_at")
    for name in ("gone_at", "missed_at", "seen_at", "barcode"):
        op.drop_column("listings", name)
