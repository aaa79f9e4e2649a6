"""Pick lists: what of which orders is taken off the shelves of a location, and what is in hand of it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

OPEN = "quantity > shipped + short + put_back"

pick_lists = Table(
    "pick_lists",
    metadata,
    id_column(),
    Column("number", BigInteger, Identity(start=1), nullable=False, unique=True),
    Column("location", ForeignKey("locations.code"), nullable=False),
    words("state", "open"),
    words("created_by"),
    words("closed_by"),
    moment("created_at", required=True),
    moment("closed_at"),
    one_of("state", "open", "done", "dropped"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at_known"),
    Index("ix_pick_lists_open", "number", postgresql_where=text("state = 'open'")),
)

# What of a line is on a list, in units sold. Whatever ends it, so many are being picked as the others leave over.
pick_lines = Table(
    "pick_lines",
    metadata,
    Column("list_id", ForeignKey("pick_lists.id", ondelete="CASCADE"), primary_key=True),
    Column("order_line_id", ForeignKey("order_lines.id"), primary_key=True),
    Column("location", ForeignKey("locations.code"), nullable=False),
    Column("quantity", Integer, nullable=False),
    number("shipped"),
    number("short"),
    number("put_back"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint("shipped >= 0 AND short >= 0 AND put_back >= 0", name="ends_not_negative"),
    CheckConstraint("shipped + short + put_back <= quantity", name="ends_no_more_than_asked"),
    Index("ix_pick_lines_order_line_id", "order_line_id"),
    Index("uq_pick_lines_open", "order_line_id", "location", unique=True, postgresql_where=text(OPEN)),
)

# What one unit sold takes, and what is in hand of it, in stock units.
pick_parts = Table(
    "pick_parts",
    metadata,
    Column("list_id", Uuid, primary_key=True),
    Column("order_line_id", Uuid, primary_key=True),
    Column("sku", ForeignKey("skus.sku"), primary_key=True),
    number("units", 1),
    number("picked"),
    ForeignKeyConstraint(
        ["list_id", "order_line_id"],
        ["pick_lines.list_id", "pick_lines.order_line_id"],
        ondelete="CASCADE",
    ),
    CheckConstraint("units > 0", name="units_positive"),
    CheckConstraint("picked >= 0", name="picked_not_negative"),
    Index("ix_pick_parts_sku", "sku", postgresql_where=text("picked > 0")),
)

pick_entries = Table(
    "pick_entries",
    metadata,
    id_column(),  # made by the device: sent twice, counted once
    Column("list_id", ForeignKey("pick_lists.id", ondelete="CASCADE"), nullable=False),
    Column("sku", Text, nullable=False),
    Column("units", Integer, nullable=False),
    words("by"),
    moment("at", required=True),
    Index("ix_pick_entries_list_id", "list_id", "at"),
)
