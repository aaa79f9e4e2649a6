"""Alarms of inventory, the thresholds they go by, and how far the hub has looked."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

alarms = Table(
    "alarms",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("sku", ForeignKey("skus.sku"), nullable=False),
    Column("location", ForeignKey("locations.code")),  # null: over all of them
    number("units"),  # the figure of the kind, as of the last look
    number("bound"),
    number("expiring"),
    Column("expires_on", Date),
    words("part"),
    moment("opened_at", required=True),
    moment("closed_at"),
    moment("dismissed_at"),
    words("dismissed_by"),
    moment("told_at"),
    Column("notice_id", ForeignKey("notices.id", ondelete="SET NULL")),  # by which it was told
    one_of("kind", "oversold", "negative_on_hand", "out_of_stock", "low_stock", "aging"),
    CheckConstraint("kind <> 'negative_on_hand' OR location IS NOT NULL", name="negative_somewhere"),
    CheckConstraint("notice_id IS NULL OR told_at IS NOT NULL", name="told_by_its_notice"),
    CheckConstraint("closed_at >= opened_at", name="closed_after_it_opened"),
    Index(
        "uq_alarms_open",
        "kind",
        "sku",
        "location",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("ix_alarms_untold", "id", postgresql_where=text("told_at IS NULL AND closed_at IS NULL")),
    Index("ix_alarms_sku", "sku", "id"),
    Index("ix_alarms_notice_id", "notice_id", postgresql_where=text("notice_id IS NOT NULL")),
)

alarm_thresholds = Table(
    "alarm_thresholds",
    metadata,
    id_column(),
    Column("sku", ForeignKey("skus.sku", ondelete="CASCADE"), nullable=False),
    Column("location", ForeignKey("locations.code", ondelete="CASCADE")),  # null: over all of them
    Column("units", Integer, nullable=False),
    UniqueConstraint("sku", "location", postgresql_nulls_not_distinct=True),
    CheckConstraint("units >= 0", name="units_not_negative"),
)

alarm_bounds = Table(  # one row at most: what a person said for every SKU
    "alarm_bounds",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("low_stock", Integer, nullable=False),
    Column("unmoved_days", Integer, nullable=False),
    Column("expiry_days", Integer, nullable=False),
    CheckConstraint("one", name="one_row"),
    CheckConstraint("low_stock >= 0 AND unmoved_days > 0 AND expiry_days >= 0", name="bounds_possible"),
)

alarm_watch = Table(  # one row at most, locked by whoever looks
    "alarm_watch",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    moment("looked_at"),
    words("round_after"),  # the round over all SKUs has come so far
    moment("round_began_at"),  # null: a new one begins with the next look
    moment("told_at"),
    CheckConstraint("one", name="one_row"),
)
