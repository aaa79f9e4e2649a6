"""What happened, by whom."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from hub.store.tables.columns import metadata, moment

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    moment("at", required=True),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("order_id", Uuid),
    Column("channel_id", Uuid),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Index("ix_events_actor", "actor", "id"),
    Index("ix_events_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
)
