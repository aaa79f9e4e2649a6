"""Payments: each fact about the money of an order, appended and never changed."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Numeric, Table, Text, Uuid, text

from hub.store.tables.columns import id_column, metadata, moment, one_of, words

payments = Table(
    "payments",
    metadata,
    id_column(),  # made by the caller: sent twice, it is one fact
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("tender", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("amount", Numeric, nullable=False),  # in the currency of the order
    words("reference"),
    Column("channel_refund_id", Text),  # theirs, of what the channel gave back; "" where it is not known
    words("actor"),
    moment("at", required=True),
    Column("moved", Uuid),  # the split or merge that took so much from one order to another
    one_of(
        "tender",
        *("card", "alipay", "wechat pay", "paypal", "bank transfer", "cash", "cash on delivery"),
        *("gift card", "collected by the marketplace", "other"),
    ),
    one_of("step", "authorized", "captured", "refunded", "undone"),
    CheckConstraint("amount > 0 OR moved IS NOT NULL AND amount < 0", name="amount_positive"),
    CheckConstraint("channel_refund_id IS NULL OR step = 'refunded'", name="channel_refunds"),
    Index("ix_payments_order_id", "order_id"),
    Index("ix_payments_moved", "moved", postgresql_where=text("moved IS NOT NULL")),
    Index(
        "uq_payments_channel_refund_id",
        "order_id",
        "channel_refund_id",
        unique=True,
        postgresql_where=text("channel_refund_id <> ''"),
    ),
)
