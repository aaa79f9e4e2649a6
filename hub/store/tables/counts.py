"""Count sheets, what stands on them, and every entry of every device. What was found is posted as movements."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from hub.store.tables.columns import id_column, metadata, moment, one_of, words

count_sheets = Table(
    "count_sheets",
    metadata,
    id_column(),  # the cause of what it posts
    Column("number", BigInteger, Identity(start=1), nullable=False, unique=True),
    Column("location", ForeignKey("locations.code"), nullable=False),
    Column("scope", Text, nullable=False),
    Column("blind", Boolean, nullable=False, server_default=text("false")),
    words("state", "open"),
    words("note"),
    Column("created_by", Text, nullable=False),
    words("closed_by"),
    moment("created_at", required=True),
    moment("closed_at"),
    one_of("state", "open", "posted", "dropped"),
    one_of("scope", "location", "riskiest", "chosen"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at_known"),
    Index("ix_count_sheets_open", "location", postgresql_where=text("state = 'open'")),
)

count_lines = Table(
    "count_lines",
    metadata,
    Column("sheet_id", ForeignKey("count_sheets.id", ondelete="CASCADE"), primary_key=True),
    Column("sku", ForeignKey("skus.sku"), primary_key=True),
    Column("risk", Float),
    Column("counted", Integer),
    Column("expected", Integer),  # by the books, when it was counted
    moment("first_at"),
    moment("counted_at"),
    words("counted_by"),
    words("reason"),
    CheckConstraint("counted >= 0", name="counted_not_negative"),
    CheckConstraint(
        "num_nonnulls(counted, expected, first_at, counted_at) IN (0, 4)",
        name="counted_with_what_was_expected",
    ),
    Index("ix_count_lines_sku", "sku"),
)

count_entries = Table(
    "count_entries",
    metadata,
    id_column(),  # made by the device: sent twice, counted once
    Column("sheet_id", ForeignKey("count_sheets.id", ondelete="CASCADE"), nullable=False),
    Column("sku", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("adds", Boolean, nullable=False),
    words("by"),
    moment("at", required=True),
    Index("ix_count_entries_sheet_id", "sheet_id", "at"),
)
