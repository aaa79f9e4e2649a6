"""What channels offer of our SKUs, what they may see, and what they were told."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

listings = Table(
    "listings",
    metadata,
    id_column(),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("channel_listing_id", Text, nullable=False),
    words("channel_sku"),
    words("title"),
    words("barcode"),
    Column("sku", ForeignKey("skus.sku"), nullable=True),  # null: unmatched, a person decides
    number("units", 1),
    number("buffer"),
    Column("cap", Integer),
    moment("created_at", required=True),
    moment("seen_at"),  # in what the channel offers, by the last full look
    moment("missed_at"),  # the last full look did not find it; a second one in a row makes it gone
    moment("gone_at"),
    UniqueConstraint("channel_id", "channel_listing_id"),
    CheckConstraint("units > 0", name="units_positive"),
    CheckConstraint("buffer >= 0", name="buffer_not_negative"),
    CheckConstraint("cap >= 0", name="cap_not_negative"),
    Index("ix_listings_sku", "sku"),
    Index("ix_listings_channel_sku", "channel_id", "channel_sku"),
    Index("ix_listings_unmatched", "id", postgresql_where=text("sku IS NULL AND gone_at IS NULL")),
    Index("ix_listings_barcode", text("ltrim(barcode, '0')"), postgresql_where=text("barcode <> ''")),
)

visibility_rules = Table(
    "visibility_rules",
    metadata,
    id_column(),
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE")),
    Column("sku_group", Text),
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE")),
    Column("buffer", Integer),
    Column("buffer_percent", Integer),
    Column("cap", Integer),
    Column("allotment", Integer),
    Column("minimum", Integer),
    Column("locations", ARRAY(Text)),
    Column("risk_percent", Float),  # the buffer is worked out: see adaptive_buffers
    Column("buffer_max", Integer),
    moment("changed_at", required=True),
    UniqueConstraint("channel_id", "sku_group", "listing_id", postgresql_nulls_not_distinct=True),
    CheckConstraint(
        "listing_id IS NULL OR (channel_id IS NULL AND sku_group IS NULL)", name="listing_says_all"
    ),
    CheckConstraint("sku_group <> ''", name="group_not_empty"),
    CheckConstraint(
        "num_nonnulls(buffer, buffer_percent, risk_percent, cap, allotment, minimum, locations) > 0",
        name="says_something",
    ),
    CheckConstraint("num_nonnulls(buffer, buffer_percent) <= 1", name="buffer_in_one_unit"),
    CheckConstraint("buffer_percent BETWEEN 0 AND 100", name="percent_in_range"),
    CheckConstraint("buffer >= 0", name="buffer_not_negative"),
    CheckConstraint("risk_percent > 0 AND risk_percent < 100", name="risk_possible"),
    CheckConstraint(
        "buffer_max IS NULL OR buffer_max >= 0 AND risk_percent IS NOT NULL", name="buffer_max_of_a_risk"
    ),
    CheckConstraint("cap >= 0", name="cap_not_negative"),
    CheckConstraint("allotment >= 0", name="allotment_not_negative"),
    CheckConstraint("minimum >= 0", name="minimum_not_negative"),
    CheckConstraint(
        "allotment IS NULL OR channel_id IS NOT NULL OR listing_id IS NOT NULL", name="allotment_of_a_channel"
    ),
    CheckConstraint("cardinality(locations) > 0", name="locations_named"),
    Index("ix_visibility_rules_listing_id", "listing_id", postgresql_where=text("listing_id IS NOT NULL")),
)

adaptive_buffers = Table(  # hub.model.stock.buffers.AdaptiveBuffer of each listing whose rule asks for one
    "adaptive_buffers",
    metadata,
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True),
    Column("risk_percent", Float, nullable=False),
    Column("buffer_max", Integer),
    Column("buffer", Integer),  # null: too little is known, and `thin` says why
    words("thin"),
    Column("sells_a_day", Float, nullable=False),
    Column("told_s", Float, nullable=False),
    Column("chance_percent", Float, nullable=False),
    Column("costs_a_week", Float, nullable=False),
    moment("worked_out_at", required=True),
    CheckConstraint("(buffer IS NULL) = (thin <> '')", name="known_or_thin"),
    CheckConstraint("buffer >= 0", name="buffer_not_negative"),
)

seatbelts = Table(  # where a person set other limits than the usual ones
    "seatbelts",
    metadata,
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
    Column("few", Integer, nullable=False),
    Column("share_percent", Integer, nullable=False),
    Column("most", Integer, nullable=False),
    Column("factor", Integer, nullable=False),
    CheckConstraint("few > 0 AND most > 0 AND factor > 1", name="limits_possible"),
    CheckConstraint("share_percent BETWEEN 1 AND 100", name="share_in_range"),
)

publications = Table(
    "publications",
    metadata,
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("confirmed_version", BigInteger, nullable=False, server_default=text("0")),
    Column("sent_version", BigInteger, nullable=False, server_default=text("0")),
    Column("sent_quantity", Integer),
    Column("confirmed_quantity", Integer),
    Column("prior_quantity", Integer),  # what was confirmed before it, and was another number
    moment("dirty_since"),
    moment("sent_at"),
    moment("confirmed_at"),
    moment("next_try_at"),
    number("attempts"),
    words("outcome"),
    words("problem"),
    moment("stopped_at"),  # its listing is unmatched or gone: nothing is told, and nothing waits
    Column(
        "shadowed", Boolean, nullable=False, server_default=text("false")
    ),  # its channel is not to be written to
    Column("paused", Boolean, nullable=False, server_default=text("false")),  # its group is
    Column("risk", Float, nullable=False, server_default=text("0")),  # the higher, the sooner it is told
    Column("seen_quantity", Integer),  # what the channel showed when it was last read
    moment("seen_at"),
    Column("suspended_version", BigInteger),  # would have changed it drastically, so it waits for a person
    Column("suspended_quantity", Integer),
    moment("suspended_at"),
    moment("dismissed_at"),  # a person wants it to stay as it is there
    Column("dismissed_by", Text),
    moment("allowed_at"),  # its change may leave, however great, until it is confirmed
    moment("jumped_at"),  # it was let go although it was drastic: it was one of few
    Column(
        "must_tell", Boolean, nullable=False, server_default=text("true")
    ),  # also the number that was confirmed: the channel may have moved its own since then
    moment("unchanged_at"),  # a change left its number as it was, and nothing was sent
    CheckConstraint(
        "num_nonnulls(suspended_version, suspended_quantity, suspended_at) IN (0, 3)", name="suspended_whole"
    ),
    CheckConstraint(
        "num_nonnulls(dismissed_at, dismissed_by) IN (0, 2)"
        " AND (dismissed_at IS NULL OR suspended_at IS NOT NULL)",
        name="dismissed_what_was_suspended",
    ),
    CheckConstraint("suspended_version <= version", name="suspends_no_future"),
    CheckConstraint("stopped_at IS NULL OR confirmed_version = version", name="stopped_waits_for_nothing"),
    CheckConstraint("confirmed_version <= version", name="confirms_no_future"),
    CheckConstraint("sent_version <= version", name="sends_no_future"),
    CheckConstraint("sent_quantity >= 0", name="sent_not_negative"),
    one_of("outcome", "", "applied", "rejected", "unknown"),
    Index(
        "ix_publications_shadowed",
        "channel_id",
        "seen_at",
        postgresql_where=text("shadowed AND stopped_at IS NULL"),
    ),
    Index("ix_publications_paused", "channel_id", postgresql_where=text("paused")),
    Index("ix_publications_suspended", "channel_id", postgresql_where=text("suspended_at IS NOT NULL")),
    Index(
        "ix_publications_due",
        "channel_id",
        text("risk DESC"),
        "dirty_since",
        "listing_id",
        postgresql_where=text("confirmed_version < version"),
    ),
    postgresql_with={"fillfactor": "70"},
)
