"""What channels are told of orders, one row for each effect, and which channel is told of what."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

KINDS = ("fulfillment", "cancellation", "refund")

write_backs = Table(
    "write_backs",
    metadata,
    id_column(),  # the key it is sent with, until it is refused
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("cause_id", Uuid, nullable=False),  # the parcel, or the edit; of a corrected label its own id
    Column("corrects", ForeignKey("write_backs.id")),  # whose carrier and number were corrected
    Column("lines", JSONB, nullable=False, server_default=text("'{}'")),  # hub.model.sync.write_backs.Effect
    Column("amount", Numeric),  # that goes back, in the currency of the order
    words("state", "waiting"),
    words("reason"),
    words("channel_ref"),  # the channel's own id of what was made
    words("settled_by"),  # who decided on it, where a person did
    number("attempts"),  # that may have reached it, since a person decided last
    number("refusals"),  # of the channel: each ends a key
    Column(
        "may_be_there", Boolean, nullable=False, server_default=text("false")
    ),  # no answer to one of them came
    Column("claim", Uuid),  # whose it is: an outcome of anybody else changes nothing
    moment("leased_until"),
    moment("made_at", required=True),
    moment("sent_at"),
    moment("next_try_at"),
    moment("told_at"),  # the channel's answer that it has it
    UniqueConstraint("kind", "cause_id"),
    one_of("kind", *KINDS),
    one_of("state", "waiting", "claimed", "unknown", "applied", "rejected", "withdrawn", "dismissed"),
    CheckConstraint(
        "(state = 'claimed') = (claim IS NOT NULL AND leased_until IS NOT NULL)", name="claimed_by_one"
    ),
    CheckConstraint("(state = 'applied') = (told_at IS NOT NULL)", name="applied_at_a_moment"),
    CheckConstraint("state <> 'rejected' OR reason <> ''", name="rejected_with_reason"),
    CheckConstraint("(kind = 'refund') = (amount IS NOT NULL)", name="refund_of_an_amount"),
    CheckConstraint("corrects IS NULL OR kind = 'fulfillment'", name="corrects_a_parcel"),
    Index(
        "ix_write_backs_open",
        "channel_id",
        "id",
        postgresql_where=text("state IN ('waiting', 'claimed', 'unknown')"),
    ),
    Index("ix_write_backs_rejected", "channel_id", "id", postgresql_where=text("state = 'rejected'")),
    Index("ix_write_backs_order_id", "order_id", "id"),
)

write_back_switches = Table(
    "write_back_switches",
    metadata,
    Column("channel_id", ForeignKey("channels.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    moment("since", required=True),
    one_of("kind", *KINDS),
)
