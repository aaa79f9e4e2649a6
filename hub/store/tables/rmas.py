"""RMAs: returns as documents; what came back by them stands in `returns`."""

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

rmas = Table(
    "rmas",
    metadata,
    id_column(),  # made by the caller: sent twice, it is one RMA
    Column("number", BigInteger, Identity(start=1001), nullable=False, unique=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    words("state"),
    words("channel_return_id"),  # theirs, where it was asked for there
    Column("channel_key", Text(collation="C"), nullable=False, server_default=text("''")),
    words("note"),  # why it was declined or canceled
    words("actor"),
    moment("at", required=True),
    moment("state_at", required=True),
    one_of("state", "requested", "approved", "declined", "canceled", "received", "inspected", "settled"),
    Index("ix_rmas_order_id", "order_id"),
    Index(
        "uq_rmas_channel_return_id",
        "order_id",
        "channel_return_id",
        unique=True,
        postgresql_where=text("channel_return_id <> ''"),
    ),
    Index("ix_rmas_state", "state", "number"),
)

rma_lines = Table(
    "rma_lines",
    metadata,
    id_column(),
    Column("rma_id", ForeignKey("rmas.id"), nullable=False),
    Column("order_line_id", ForeignKey("order_lines.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    number("received"),
    words("wish", "refund"),
    words("reason"),
    one_of("wish", "refund", "exchange"),
    CheckConstraint("quantity > 0 AND received BETWEEN 0 AND quantity", name="receives_what_was_asked"),
    Index("ix_rma_lines_rma_id", "rma_id"),
    Index("ix_rma_lines_order_line_id", "order_line_id"),
)
