"""Parcels by the channel's word, orders that are collected, and orders that are paid at the door."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("pickup", JSONB(), nullable=True))
    op.add_column(
        "orders",
        sa.Column("cash_on_delivery", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "shipments",
        sa.Column("channel_parcel_id", sa.Text(), server_default=sa.text("''"), nullable=False),
    )
    op.create_index(
        "uq_shipments_channel_parcel_id",
        "shipments",
        ["order_id", "channel_parcel_id"],
        unique=True,
        postgresql_where=sa.text("channel_parcel_id <> ''"),
    )


def downgrade() -> None:
    op.execute(
        "DELETE FROM shipment_lines WHERE shipment_id IN (SELECT id FROM shipments WHERE channel_parcel_id <> '')"
    )
    op.execute("DELETE FROM shipments WHERE channel_parcel_id <> ''")
    op.drop_index("uq_shipments_channel_parcel_id", table_name="shipments")
    op.drop_column("shipments", "channel_parcel_id")
    op.drop_column("orders", "cash_on_delivery")
    op.drop_column("orders", "pickup")
