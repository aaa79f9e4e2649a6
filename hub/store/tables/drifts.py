"""Numbers that channels show and did not confirm: why that probably is, and how it ended."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from hub.store.tables.columns import id_column, metadata, moment, one_of, words

drifts = Table(
    "drifts",
    metadata,
    id_column(),
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE"), nullable=False),
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE"), nullable=False),
    Column("version", BigInteger, nullable=False),  # of the publication, as it was confirmed
    Column("expected", Integer, nullable=False),
    Column("shows", Integer),  # null: the channel does not know the listing
    Column("cause", Text, nullable=False),
    words("ended"),  # how; empty while it is open
    words("actor"),
    moment("found_at", required=True),
    moment("judged_at"),  # at the second look
    moment("ended_at"),
    one_of(
        "cause", "in flight", "lost write", "mapping", "our fault", "not there", "contested", "edited there"
    ),
    one_of("ended", "", "healed", "adopted", "left", "over"),
    CheckConstraint("(ended = '') = (ended_at IS NULL)", name="ended_whole"),
    CheckConstraint("(judged_at IS NULL) = (cause = 'in flight')", name="judged_with_a_cause"),
    Index("uq_drifts_open", "listing_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    Index("ix_drifts_listing_id", "listing_id", "ended_at"),
    Index("ix_drifts_channel_id", "channel_id", "id"),
)
