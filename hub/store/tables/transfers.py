"""Stock that comes from outside, and stock on its way between two locations. Their units are movements."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

receipts = Table(
    "receipts",
    metadata,
    id_column(),  # the cause of its movements
    Column("reference", Text, nullable=False, unique=True),  # such as the supplier's delivery note
    Column("location", ForeignKey("locations.code"), nullable=False),
    words("note"),
    Column("actor", Text, nullable=False),
    moment("received_at", required=True),
    CheckConstraint("reference <> ''", name="reference_not_empty"),
    Index("ix_receipts_received_at", "received_at"),
)

transfers = Table(
    "transfers",
    metadata,
    id_column(),  # the cause of what it sends
    Column("number", BigInteger, Identity(start=1), nullable=False, unique=True),
    Column("source", ForeignKey("locations.code"), nullable=False),
    Column("target", ForeignKey("locations.code"), nullable=False),
    words("state", "draft"),
    words("note"),
    Column("created_by", Text, nullable=False),
    words("sent_by"),
    words("closed_by"),
    moment("created_at", required=True),
    moment("sent_at"),
    moment("closed_at"),
    one_of("state", "draft", "sent", "received", "canceled"),
    CheckConstraint("source <> target", name="goes_elsewhere"),
    CheckConstraint("(state IN ('sent', 'received')) = (sent_at IS NOT NULL)", name="sent_at_known"),
    CheckConstraint("(state IN ('received', 'canceled')) = (closed_at IS NOT NULL)", name="closed_at_known"),
    Index("ix_transfers_open", "number", postgresql_where=text("state IN ('draft', 'sent')")),
)

transfer_lines = Table(
    "transfer_lines",
    metadata,
    Column("transfer_id", ForeignKey("transfers.id", ondelete="CASCADE"), primary_key=True),
    Column("sku", ForeignKey("skus.sku"), primary_key=True),
    Column("units", Integer, nullable=False),
    number("sent"),
    number("received"),
    number("lost"),
    number("found"),
    CheckConstraint("units > 0", name="units_positive"),
    CheckConstraint("sent IN (0, units)", name="sends_all"),
    CheckConstraint("received >= 0 AND lost >= 0 AND found >= 0", name="counts_not_negative"),
    CheckConstraint("received + lost <= sent", name="arrives_no_more_than_sent"),
    Index("ix_transfer_lines_in_transit", "sku", postgresql_where=text("sent > received + lost")),
)

transfer_arrivals = Table(
    "transfer_arrivals",
    metadata,
    id_column(),  # made by whoever tells of it: told twice, it happened once; the cause of what arrived
    Column("transfer_id", ForeignKey("transfers.id", ondelete="CASCADE"), nullable=False),
    words("reason"),
    Column("actor", Text, nullable=False),
    moment("at", required=True),
    Index("ix_transfer_arrivals_transfer_id", "transfer_id"),
)
