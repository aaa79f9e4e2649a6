"""Orders that their customers collect, once they were made ready."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, text

from hub.store.tables.columns import metadata, moment, one_of, words

pickups = Table(
    "pickups",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("location", ForeignKey("locations.code"), nullable=False),
    Column("state", Text, nullable=False),
    moment("since", required=True),  # of the state
    moment("keep_until", required=True),
    Column("code", Text, nullable=False),  # the customer shows it
    moment("told_at"),  # that nobody came
    words("actor"),
    Column("collected_by", LargeBinary),  # a name, sealed
    one_of("state", "ready", "collected", "not collected"),
    CheckConstraint("collected_by IS NULL OR state <> 'not collected'", name="collected_by_somebody"),
    Index("ix_pickups_ready", "keep_until", postgresql_where=text("state = 'ready'")),
)
