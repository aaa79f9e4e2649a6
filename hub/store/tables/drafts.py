"""Orders that are still being typed, and the stock that is reserved for them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from hub.store.tables.columns import metadata, moment, number, words

order_drafts = Table(
    "order_drafts",
    metadata,
    Column("id", Text, primary_key=True),  # the command id of the order it becomes
    Column("sealed", LargeBinary, nullable=False),  # what was typed: it names a person
    words("actor"),
    moment("created_at", required=True),
    moment("saved_at", required=True),
    CheckConstraint("length(id) BETWEEN 1 AND 200", name="id_form"),
    Index("ix_order_drafts_saved_at", "saved_at"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("draft_id", ForeignKey("order_drafts.id"), nullable=False),
    Column("sku", Text, nullable=False),
    Column("location", Text, nullable=False),
    number("units"),
    moment("expires_at", required=True),
    moment("created_at", required=True),
    PrimaryKeyConstraint("draft_id", "sku", "location"),
    ForeignKeyConstraint(["sku", "location"], ["levels.sku", "levels.location"]),
    CheckConstraint("units > 0", name="units_positive"),
    Index("ix_reservations_sku_location", "sku", "location"),
    Index("ix_reservations_expires_at", "expires_at"),
)
