"""Every table of the hub, with its constraints named, so that a refused row says which rule refused it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[object]:
    return Column("id", Uuid, primary_key=True)


def _moment(name: str, *, required: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=not required)


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text(str(default)))


def _words(name: str, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text(f"'{default}'"))


def _amount(name: str) -> Column[object]:
    return Column(name, Numeric, nullable=False, server_default=text("0"))


def _one_of(column: str, *allowed: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in allowed)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("credentials", LargeBinary, nullable=False),  # the connector's config, sealed
    _words("state", "ok"),
    _moment("created_at", required=True),
    _one_of("state", "ok", "needs login", "paused"),
)

locations = Table(
    "locations",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    _number("priority", 100),
    Column("sellable", Boolean, nullable=False, server_default=text("true")),
)

channels = Table(
    "channels",
    metadata,
    _id(),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("location", ForeignKey("locations.code"), nullable=True),  # a till's own place; null: by priority
    Column("webhook_token", Text, nullable=False, unique=True),
    _words("state", "active"),
    Column("orders_cursor", Text),
    _number("pull_every_s", 60),
    _moment("next_pull_at", required=True),
    _moment("pulled_at"),
    _moment("paused_until"),
    _number("failures"),
    _words("problem"),
    _moment("created_at", required=True),
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug_form"),
    CheckConstraint("failures >= 0", name="failures_counted"),
    _one_of("state", "active", "paused"),
)

counters = Table(
    "counters",
    metadata,
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    _moment("last_at", required=True),
)

skus = Table(
    "skus",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("name", Text, nullable=False),
    _words("barcode"),
    Column("price", Numeric),
    Column("currency", Text),
    _words("sku_group"),
    _moment("counted_at"),  # when a person first said how many there are; until then no channel is told
    _moment("created_at", required=True),
    CheckConstraint("sku <> ''", name="sku_not_empty"),
    CheckConstraint("(price IS NULL) = (currency IS NULL)", name="price_has_currency"),
    Index("ix_skus_sku_group", "sku_group", postgresql_where=text("sku_group <> ''")),
)

listings = Table(
    "listings",
    metadata,
    _id(),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("channel_listing_id", Text, nullable=False),
    _words("channel_sku"),
    _words("title"),
    Column("sku", ForeignKey("skus.sku"), nullable=True),  # null: unmatched, a person decides
    _number("units", 1),
    _number("buffer"),
    Column("cap", Integer),
    _moment("created_at", required=True),
    UniqueConstraint("channel_id", "channel_listing_id"),
    CheckConstraint("units > 0", name="units_positive"),
    CheckConstraint("buffer >= 0", name="buffer_not_negative"),
    CheckConstraint("cap >= 0", name="cap_not_negative"),
    Index("ix_listings_sku", "sku"),
    Index("ix_listings_channel_sku", "channel_id", "channel_sku"),
)

visibility_rules = Table(
    "visibility_rules",
    metadata,
    _id(),
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE")),
    Column("sku_group", Text),
    Column("listing_id", ForeignKey("listings.id", ondelete="CASCADE")),
    Column("buffer", Integer),
    Column("buffer_percent", Integer),
    Column("cap", Integer),
    Column("allotment", Integer),
    Column("minimum", Integer),
    Column("locations", ARRAY(Text)),
    _moment("changed_at", required=True),
    UniqueConstraint("channel_id", "sku_group", "listing_id", postgresql_nulls_not_distinct=True),
    CheckConstraint(
        "listing_id IS NULL OR (channel_id IS NULL AND sku_group IS NULL)", name="listing_says_all"
    ),
    CheckConstraint("sku_group <> ''", name="group_not_empty"),
    CheckConstraint(
        "num_nonnulls(buffer, buffer_percent, cap, allotment, minimum, locations) > 0", name="says_something"
    ),
    CheckConstraint("num_nonnulls(buffer, buffer_percent) <= 1", name="buffer_in_one_unit"),
    CheckConstraint("buffer_percent BETWEEN 0 AND 100", name="percent_in_range"),
    CheckConstraint("buffer >= 0", name="buffer_not_negative"),
    CheckConstraint("cap >= 0", name="cap_not_negative"),
    CheckConstraint("allotment >= 0", name="allotment_not_negative"),
    CheckConstraint("minimum >= 0", name="minimum_not_negative"),
    CheckConstraint(
        "allotment IS NULL OR channel_id IS NOT NULL OR listing_id IS NOT NULL", name="allotment_of_a_channel"
    ),
    CheckConstraint("cardinality(locations) > 0", name="locations_named"),
    Index("ix_visibility_rules_listing_id", "listing_id", postgresql_where=text("listing_id IS NOT NULL")),
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
    _moment("dirty_since"),
    _moment("sent_at"),
    _moment("confirmed_at"),
    _moment("next_try_at"),
    _number("attempts"),
    _words("outcome"),
    _words("problem"),
    CheckConstraint("confirmed_version <= version", name="confirms_no_future"),
    CheckConstraint("sent_version <= version", name="sends_no_future"),
    CheckConstraint("sent_quantity >= 0", name="sent_not_negative"),
    _one_of("outcome", "", "applied", "rejected", "unknown"),
    Index("ix_publications_dirty", "channel_id", postgresql_where=text("confirmed_version < version")),
)

levels = Table(
    "levels",
    metadata,
    Column("sku", ForeignKey("skus.sku"), primary_key=True),
    Column("location", ForeignKey("locations.code"), primary_key=True),
    _number("on_hand"),  # may fall below zero: a fact that exceeds the books (L6)
    _number("allocated"),
    _number("reserved"),
    _number("safety_stock"),
    CheckConstraint("allocated >= 0", name="allocated_not_negative"),
    CheckConstraint("reserved >= 0", name="reserved_not_negative"),
    CheckConstraint("safety_stock >= 0", name="safety_not_negative"),
    postgresql_with={"fillfactor": "70"},
)

movements = Table(
    "movements",
    metadata,
    _id(),
    Column("sku", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _number("on_hand_change"),
    _number("allocated_change"),
    Column("cause", Text, nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("order_line_id", Uuid),
    _words("actor"),
    _words("reason"),
    _moment("at", required=True),
    UniqueConstraint("cause", "cause_id", "kind", "sku", "location"),
    CheckConstraint("on_hand_change <> 0 OR allocated_change <> 0", name="moves_something"),
    _one_of(
        "kind",
        *("receipt", "allocation", "release", "shipment", "return", "adjustment", "transfer", "count"),
    ),
    CheckConstraint(
        "kind <> 'allocation' OR (allocated_change > 0 AND on_hand_change = 0)", name="allocation_form"
    ),
    CheckConstraint(
        "kind <> 'release' OR (allocated_change < 0 AND on_hand_change = 0)", name="release_form"
    ),
    CheckConstraint(
        "kind <> 'shipment' OR (allocated_change <= 0 AND on_hand_change < 0)", name="shipment_form"
    ),
    Index("ix_movements_sku_at", "sku", "at"),
    Index("ix_movements_order_line_id", "order_line_id", postgresql_where=text("order_line_id IS NOT NULL")),
)

customers = Table(
    "customers",
    metadata,
    _id(),
    Column("identity", LargeBinary, nullable=False, unique=True),  # blind index of e-mail or phone
    Column("personal", LargeBinary, nullable=False),
    _moment("created_at", required=True),
)

orders = Table(
    "orders",
    metadata,
    _id(),
    Column("number", BigInteger, Identity(start=1001), nullable=False, unique=True),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("channel_order_id", Text, nullable=False),
    _words("channel_order_number"),
    _words("channel_state"),
    Column("snapshot_key", Text(collation="C"), nullable=False),
    _number("changes"),
    _moment("placed_at", required=True),
    _moment("channel_updated_at", required=True),
    _moment("taken_at", required=True),
    Column("currency", Text, nullable=False),
    _amount("total"),
    _amount("tax_total"),
    _amount("shipping_total"),
    _amount("shipping_tax"),
    _amount("discount_total"),
    _amount("difference"),
    Column("tax_included", Boolean, nullable=False, server_default=text("false")),
    Column("payment", Text, nullable=False),
    _words("payment_method"),
    _words("shipping_method"),
    _moment("canceled_at"),
    Column("holds", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("notes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("customer_id", ForeignKey("customers.id")),
    Column("personal", LargeBinary, nullable=False),  # hub.model.incoming.Person, sealed
    UniqueConstraint("channel_id", "channel_order_id"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_form"),
    _one_of("payment", "pending", "authorized", "paid", "partly refunded", "refunded", "failed"),
    CheckConstraint(
        "holds <@ ARRAY['unmatched','oversold','payment','address','fraud','review']", name="holds_known"
    ),
    Index("ix_orders_placed_at", "placed_at", "number"),
    Index("ix_orders_channel_placed", "channel_id", "placed_at", "number"),
    Index("ix_orders_channel_order_number", "channel_order_number"),
    Index("ix_orders_held", "placed_at", postgresql_where=text("holds <> '{}'")),
    Index("ix_orders_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
)

order_lines = Table(
    "order_lines",
    metadata,
    _id(),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("channel_line_id", Text, nullable=False),
    _words("channel_sku"),
    _words("channel_listing_id"),
    _words("title"),
    Column("kind", Text, nullable=False),
    Column("sku", ForeignKey("skus.sku")),
    _number("units", 1),  # stock units in one unit sold
    _number("quantity"),
    _number("canceled"),
    _number("allocated"),
    _number("shipped"),
    _number("fulfilled"),  # what has left by the channel's word; shipped follows once the line is matched
    _number("left_before"),  # of the shipped ones: left before the channel was joined, so no movement
    _number("returned"),
    _amount("unit_price"),
    _amount("discount"),
    _amount("tax"),
    _amount("total"),
    UniqueConstraint("order_id", "channel_line_id"),
    _one_of("kind", "item", "custom", "fee"),
    CheckConstraint("quantity >= 0 AND canceled >= 0 AND returned >= 0", name="counts_not_negative"),
    CheckConstraint("allocated >= 0 AND shipped >= 0", name="stock_not_negative"),
    CheckConstraint("canceled <= quantity", name="cancels_no_more_than_ordered"),
    CheckConstraint("fulfilled >= 0 AND left_before BETWEEN 0 AND shipped", name="left_counts"),
    CheckConstraint("returned <= shipped", name="returns_no_more_than_shipped"),
    CheckConstraint("sku IS NOT NULL OR allocated = 0", name="allocates_only_matched"),
    CheckConstraint("units > 0", name="units_positive"),
    Index("ix_order_lines_unmatched", "channel_sku", postgresql_where=text("sku IS NULL AND kind = 'item'")),
    Index("ix_order_lines_sku", "sku"),
    Index(
        "ix_order_lines_open",
        "order_id",
        postgresql_where=text("kind = 'item' AND shipped < quantity - canceled"),
    ),
)

inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("delivery_key", Text, nullable=False),
    Column("source", Text, nullable=False),
    _words("topic"),
    _words("channel_order_id"),
    Column("complete", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),  # exactly as it came, sealed
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    _words("reason"),
    Column("order_id", Uuid),
    _number("attempts"),
    _moment("received_at", required=True),
    _moment("next_try_at"),
    _moment("settled_at"),
    UniqueConstraint("channel_id", "delivery_key"),
    _one_of("source", "webhook", "poll", "fetch", "file", "form"),
    _one_of("state", "waiting", "taken", "unchanged", "older", "fetched", "ignored", "parked"),
    CheckConstraint("state <> 'parked' OR reason <> ''", name="parked_with_reason"),
    Index("ix_inbox_waiting", "channel_id", "received_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_inbox_parked", "received_at", postgresql_where=text("state = 'parked'")),
    Index("ix_inbox_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _moment("at", required=True),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("order_id", Uuid),
    Column("channel_id", Uuid),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Index("ix_events_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
)
