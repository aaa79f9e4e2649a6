"""How long numbers took, stage by stage: a histogram for each channel and day."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Float, ForeignKey, Table, Text

from hub.store.tables.columns import metadata, one_of

stage_times = Table(
    "stage_times",
    metadata,
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("bound_s", Float, primary_key=True),  # infinity: all that took longer
    Column("count", BigInteger, nullable=False),
    Column("total_s", Float, nullable=False),
    one_of("stage", "marked", "sent", "confirmed"),
    CheckConstraint("count > 0", name="counts_something"),
)
