"""Lots with their expiry, and serial numbers, for the SKUs that are tracked by them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ZERO = sa.text("0")


def upgrade() -> None:
    op.add_column("skus", sa.Column("tracking", sa.Text(), server_default=sa.text("'none'"), nullable=False))
    op.create_check_constraint(
        op.f("ck_skus_tracking_known"), "skus", "tracking IN ('none', 'lot', 'serial')"
    )
    op.create_check_constraint(
        op.f("ck_skus_tracks_what_has_stock"), "skus", "tracking = 'none' OR kind <> 'bundle'"
    )
    op.create_index("ix_skus_tracked", "skus", ["sku"], postgresql_where=sa.text("tracking <> 'none'"))
    _create_lots()
    _create_levels()
    _create_shares()


def _create_lots() -> None:
    op.create_table(
        "lots",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("serial", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_lots_sku")),
        sa.PrimaryKeyConstraint("sku", "lot", name=op.f("pk_lots")),
    )
    op.create_index(
        "ix_lots_expires_on", "lots", ["expires_on"], postgresql_where=sa.text("expires_on IS NOT NULL")
    )


def _create_levels() -> None:
    op.create_table(
        "lot_levels",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("serial", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("allocated", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.CheckConstraint(
            "NOT serial OR on_hand BETWEEN 0 AND 1", name=op.f("ck_lot_levels_a_serial_is_one_unit")
        ),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_lot_levels_location")),
        sa.ForeignKeyConstraint(["sku", "lot"], ["lots.sku", "lots.lot"], name=op.f("fk_lot_levels_sku_lot")),
        sa.PrimaryKeyConstraint("sku", "location", "lot", name=op.f("pk_lot_levels")),
    )
    op.create_index(
        "uq_lot_levels_serial",
        "lot_levels",
        ["sku", "lot"],
        unique=True,
        postgresql_where=sa.text("serial AND on_hand > 0"),
    )


def _create_shares() -> None:
    op.create_table(
        "lot_shares",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("movement_id", sa.Uuid(), nullable=True),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("on_hand_change", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("allocated_change", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "on_hand_change <> 0 OR allocated_change <> 0", name=op.f("ck_lot_shares_moves_something")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_shares")),
    )
    op.create_index("ix_lot_shares_movement_id", "lot_shares", ["movement_id"])
    op.create_index(
        "ix_lot_shares_order_line_id",
        "lot_shares",
        ["order_line_id"],
        postgresql_where=sa.text("order_line_id IS NOT NULL"),
    )
    op.create_index("ix_lot_shares_sku_lot", "lot_shares", ["sku", "lot"])


def downgrade() -> None:
    for table in ("lot_shares", "lot_levels", "lots"):
        op.drop_table(table)
    op.drop_index("ix_skus_tracked", table_name="skus")
    op.drop_constraint(op.f("ck_skus_tracks_what_has_stock"), "skus")
    op.drop_constraint(op.f("ck_skus_tracking_known"), "skus")
    op.drop_column("skus", "tracking")
