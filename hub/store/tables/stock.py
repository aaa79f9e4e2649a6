"""What we sell, where it lies, and every movement of it."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

locations = Table(
    "locations",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    number("priority", 100),
    Column("sellable", Boolean, nullable=False, server_default=text("true")),
    words("kind", "warehouse"),
    Column("ships", Boolean, nullable=False, server_default=text("true")),
    Column("pickup", Boolean, nullable=False, server_default=text("false")),
    words("country"),
    words("region"),
    words("postcode"),
    Column("latitude", Float),
    Column("longitude", Float),
    words("time_zone", "UTC"),  # in which a day ends there
    one_of("kind", "warehouse", "shop floor", "depot"),
    CheckConstraint("country ~ '^([A-Z]{2})?$'", name="country_form"),
    CheckConstraint("num_nonnulls(latitude, longitude) <> 1", name="position_whole"),
    CheckConstraint(
        "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="position_on_earth"
    ),
)

location_channels = Table(  # the channels a location serves; one without a row serves all of them
    "location_channels",
    metadata,
    Column("location", ForeignKey("locations.code", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_location_channels_channel_id", "channel_id"),
)

products = Table(
    "products",
    metadata,
    Column("code", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("options", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # such as size, color
    moment("created_at", required=True),
    CheckConstraint("code <> ''", name="code_not_empty"),
    CheckConstraint("title <> ''", name="title_not_empty"),
)

skus = Table(
    "skus",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("name", Text, nullable=False),
    words("barcode"),
    Column("price", Numeric),
    Column("currency", Text),
    words("sku_group"),
    words("kind", "item"),
    words("tracking", "none"),  # whether each unit is of a lot, or has a serial number
    Column("has_stock", Boolean, Computed("kind <> 'bundle'", persisted=True), nullable=False),
    Column("product", ForeignKey("products.code")),  # of which it is a variant, if it is one of several
    Column("options", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # its value of each option
    moment("counted_at"),  # when a person first said how many there are; until then no channel is told
    moment("created_at", required=True),
    UniqueConstraint("sku", "has_stock"),  # for levels to refer to
    one_of("kind", "item", "bundle", "kit"),
    one_of("tracking", "none", "lot", "serial"),
    CheckConstraint("tracking = 'none' OR kind <> 'bundle'", name="tracks_what_has_stock"),
    CheckConstraint("product IS NOT NULL OR options = '{}'::jsonb", name="options_of_a_product"),
    CheckConstraint("sku <> ''", name="sku_not_empty"),
    CheckConstraint("(price IS NULL) = (currency IS NULL)", name="price_has_currency"),
    Index("uq_skus_variant", "product", "options", unique=True, postgresql_where=text("product IS NOT NULL")),
    Index("ix_skus_sku_group", "sku_group", postgresql_where=text("sku_group <> ''")),
    Index("ix_skus_tracked", "sku", postgresql_where=text("tracking <> 'none'")),
    Index("ix_skus_barcode", text("ltrim(barcode, '0')"), postgresql_where=text("barcode <> ''")),
    Index("ix_skus_lower", text("lower(sku)")),
    Index("ix_skus_name", "name", postgresql_using="gist", postgresql_ops={"name": "gist_trgm_ops"}),
)

components = Table(
    "components",
    metadata,
    Column("whole", ForeignKey("skus.sku"), primary_key=True),  # a bundle or a kit
    Column("component", ForeignKey("skus.sku"), primary_key=True),
    number("units", 1),
    CheckConstraint("units > 0", name="units_positive"),
    CheckConstraint("whole <> component", name="not_of_itself"),
    Index("ix_components_component", "component"),
)

# What a bundle takes from the shelves: its components exploded, kept up whenever one of them changes.
bundle_parts = Table(
    "bundle_parts",
    metadata,
    Column("bundle", ForeignKey("skus.sku"), primary_key=True),
    Column("part", ForeignKey("skus.sku"), primary_key=True),
    number("units", 1),
    CheckConstraint("units > 0", name="units_positive"),
    Index("ix_bundle_parts_part", "part"),
)

backorder_terms = Table(
    "backorder_terms",
    metadata,
    Column("sku", ForeignKey("skus.sku", ondelete="CASCADE"), primary_key=True),
    words("kind", "backorder"),
    number("unit_limit"),  # 0: no new ones
    number("taken"),  # units of it that open lines have on backorder; may exceed a limit that was lowered
    Column("expected_on", Date),
    moment("changed_at", required=True),
    one_of("kind", "backorder", "preorder"),
    CheckConstraint("unit_limit >= 0", name="limit_not_negative"),
    CheckConstraint("taken >= 0", name="taken_not_negative"),
)

sourcing_policies = Table(  # the one without a channel is for all that have none of their own
    "sourcing_policies",
    metadata,
    id_column(),
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE")),
    Column("strategies", ARRAY(Text), nullable=False),
    Column("split_max", Integer),
    Column("keep_whole", Boolean, nullable=False, server_default=text("false")),
    moment("changed_at", required=True),
    UniqueConstraint("channel_id", postgresql_nulls_not_distinct=True),
    CheckConstraint(
        "strategies <@ ARRAY['single','whole-line','nearest','priority','most-stock'] AND cardinality(strategies) > 0",
        name="strategies_known",
    ),
    CheckConstraint("split_max > 0", name="split_positive"),
)

levels = Table(
    "levels",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("location", ForeignKey("locations.code"), primary_key=True),
    number("on_hand"),  # may fall below zero: a fact that exceeds the books (L6)
    number("allocated"),
    number("reserved"),
    number("safety_stock"),
    moment("counted_at"),  # when somebody last counted it here, also where the books were right
    words("shelf"),  # where at the location it lies, such as A-03-2
    Column("has_stock", Boolean, nullable=False, server_default=text("true")),
    ForeignKeyConstraint(["sku", "has_stock"], ["skus.sku", "skus.has_stock"]),
    CheckConstraint("has_stock", name="no_bundle"),
    CheckConstraint("allocated >= 0", name="allocated_not_negative"),
    CheckConstraint("reserved >= 0", name="reserved_not_negative"),
    CheckConstraint("safety_stock >= 0", name="safety_not_negative"),
    postgresql_with={"fillfactor": "70"},
)

movements = Table(
    "movements",
    metadata,
    id_column(),
    Column("sku", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("kind", Text, nullable=False),
    number("on_hand_change"),
    number("allocated_change"),
    Column("cause", Text, nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("order_line_id", Uuid),
    words("actor"),
    words("reason"),
    moment("at", required=True),
    UniqueConstraint("cause", "cause_id", "kind", "sku", "location"),
    CheckConstraint("on_hand_change <> 0 OR allocated_change <> 0", name="moves_something"),
    one_of(
        "kind",
        *("receipt", "allocation", "release", "shipment", "return", "adjustment"),
        *("transfer out", "transfer in", "assembly", "count"),
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
    CheckConstraint(
        "kind NOT IN ('receipt', 'transfer in') OR (allocated_change = 0 AND on_hand_change > 0)",
        name="arrival_form",
    ),
    CheckConstraint(
        "kind <> 'transfer out' OR (allocated_change = 0 AND on_hand_change < 0)", name="transfer_out_form"
    ),
    CheckConstraint(
        "kind NOT IN ('adjustment', 'count', 'assembly') OR allocated_change = 0", name="promises_nothing"
    ),
    Index("ix_movements_sku_at", "sku", "at"),
    Index("ix_movements_at", "at", postgresql_using="brin"),  # appended in order of time: a few kilobytes
    Index("ix_movements_order_line_id", "order_line_id", postgresql_where=text("order_line_id IS NOT NULL")),
)
