"""Locations say what they are, where, and which channels they serve; movements know transfers and assembly."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OF_LOCATIONS = {
    "kind_known": "kind IN ('warehouse', 'shop floor', 'depot')",
    "country_form": "country ~ '^([A-Z]{2})?$'",
    "position_whole": "num_nonnulls(latitude, longitude) <> 1",
    "position_on_earth": "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
}
_OF_MOVEMENTS = {
    "arrival_form": (
        "kind NOT IN ('receipt', 'transfer in') OR (allocated_change = 0 AND on_hand_change > 0)"
    ),
    "transfer_out_form": "kind <> 'transfer out' OR (allocated_change = 0 AND on_hand_change < 0)",
    "promises_nothing": "kind NOT IN ('adjustment', 'count', 'assembly') OR allocated_change = 0",
}
_KINDS = "'receipt', 'allocation', 'release', 'shipment', 'return', 'adjustment'"


def upgrade() -> None:
    columns: list[sa.Column[Any]] = [
        sa.Column("kind", sa.Text(), server_default=sa.text("'warehouse'"), nullable=False),
        sa.Column("ships", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("pickup", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)
            for name in ("country", "region", "postcode")
        ),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
    ]
    for column in columns:
        op.add_column("locations", column)
    op.create_table(
        "location_channels",
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location"], ["locations.code"], name=op.f("fk_location_channels_location"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_location_channels_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("location", "channel_id", name=op.f("pk_location_channels")),
    )
    op.create_index("ix_location_channels_channel_id", "location_channels", ["channel_id"], unique=False)
    _checks("locations", _OF_LOCATIONS)
    _kinds(f"{_KINDS}, 'transfer out', 'transfer in', 'assembly', 'count'")
    _checks("movements", _OF_MOVEMENTS)


def downgrade() -> None:
    for name in _OF_MOVEMENTS:
        op.drop_constraint(op.f(f"ck_movements_{name}"), "movements")
    _kinds(f"{_KINDS}, 'transfer', 'count'")
    for name in _OF_LOCATIONS:
        op.drop_constraint(op.f(f"ck_locations_{name}"), "locations")
    op.drop_index("ix_location_channels_channel_id", table_name="location_channels")
    op.drop_table("location_channels")
    for name in ("longitude", "latitude", "postcode", "region", "country", "pickup", "ships", "kind"):
        op.drop_column("locations", name)


def _checks(table: str, rules: dict[str, str]) -> None:
    for name, rule in rules.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _kinds(listed: str) -> None:
    op.drop_constraint(op.f("ck_movements_kind_known"), "movements")
    op.create_check_constraint(op.f("ck_movements_kind_known"), "movements", f"kind IN ({listed})")
