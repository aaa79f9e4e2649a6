"""Lots and serial numbers: what is known of them, where they lie, and which of them each movement took."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    Uuid,
    text,
)

from hub.store.tables.columns import id_column, metadata, moment, number, words

lots = Table(
    "lots",
    metadata,
    Column("sku", ForeignKey("skus.sku"), primary_key=True),
    Column("lot", Text, primary_key=True),  # "": units nobody has named a lot for
    Column("expires_on", Date),
    Column("serial", Boolean, nullable=False, server_default=text("false")),
    moment("created_at", required=True),
    Index("ix_lots_expires_on", "expires_on", postgresql_where=text("expires_on IS NOT NULL")),
)

lot_levels = Table(
    "lot_levels",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("location", ForeignKey("locations.code"), primary_key=True),
    Column("lot", Text, primary_key=True),
    Column("serial", Boolean, nullable=False, server_default=text("false")),
    number("on_hand"),
    number("allocated"),
    ForeignKeyConstraint(["sku", "lot"], ["lots.sku", "lots.lot"]),
    CheckConstraint("NOT serial OR on_hand BETWEEN 0 AND 1", name="a_serial_is_one_unit"),
    Index("uq_lot_levels_serial", "sku", "lot", unique=True, postgresql_where=text("serial AND on_hand > 0")),
)

lot_shares = Table(
    "lot_shares",
    metadata,
    id_column(),
    Column("movement_id", Uuid),  # null: a person gave an order another lot than it had
    Column("order_line_id", Uuid),
    Column("sku", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("lot", Text, nullable=False),
    number("on_hand_change"),
    number("allocated_change"),
    words("actor"),
    moment("at", required=True),
    CheckConstraint("on_hand_change <> 0 OR allocated_change <> 0", name="moves_something"),
    Index("ix_lot_shares_movement_id", "movement_id"),
    Index("ix_lot_shares_order_line_id", "order_line_id", postgresql_where=text("order_line_id IS NOT NULL")),
    Index("ix_lot_shares_sku_lot", "sku", "lot"),
)
