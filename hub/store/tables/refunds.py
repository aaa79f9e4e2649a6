"""Refunds: what a person said goes back of an order's money, and for what. Appended; undone, they count no more."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Numeric, Table, text

from hub.store.tables.columns import amount, id_column, metadata, moment, words

refunds = Table(
    "refunds",
    metadata,
    id_column(),  # made by the caller: sent twice, it is one refund
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("amount", Numeric, nullable=False),  # in the currency of the order
    amount("credited"),  # what of the worth paid for goods taken in exchange
    amount("shipping"),  # the part of it that pays for shipping
    Column("rma_id", ForeignKey("rmas.id")),
    words("reason"),
    words("actor"),
    moment("at", required=True),
    moment("undone_at"),  # before it went: it counts no more
    CheckConstraint("amount >= 0 AND credited >= 0", name="amounts_not_negative"),
    Index("ix_refunds_order_id", "order_id"),
    Index(
        "ix_refunds_rma_id",
        "rma_id",
        unique=True,
        postgresql_where=text("rma_id IS NOT NULL AND undone_at IS NULL"),
    ),
)

refund_lines = Table(
    "refund_lines",
    metadata,
    Column("refund_id", ForeignKey("refunds.id"), primary_key=True),
    Column("order_line_id", ForeignKey("order_lines.id"), primary_key=True),
    Column("units", Integer, nullable=False),  # 0: the amount is for no unit in particular
    Column("amount", Numeric, nullable=False),
    CheckConstraint("units >= 0", name="units_not_negative"),
    Index("ix_refund_lines_order_line_id", "order_line_id"),
)
