"""Orders that their customers collect."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pickups",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("collected_by", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "collected_by IS NULL OR state <> 'not collected'", name=op.f("ck_pickups_collected_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('ready', 'collected', 'not collected')", name=op.f("ck_pickups_state_known")
        ),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_pickups_location_locations")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_pickups_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_pickups")),
    )
    op.create_index(
        "ix_pickups_ready", "pickups", ["keep_until"], postgresql_where=sa.text("state = 'ready'")
    )
    op.create_index(
        "ix_orders_pickup",
        "orders",
        ["placed_at"],
        postgresql_where=sa.text("pickup IS NOT NULL AND canceled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_orders_pickup", table_name="orders")
    op.drop_table("pickups")
