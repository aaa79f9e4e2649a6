"""Orders, their lines, and who ordered."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.store.tables.columns import amount, id_column, metadata, moment, number, one_of, words

customers = Table(
    "customers",
    metadata,
    id_column(),
    Column("identity", LargeBinary, nullable=False, unique=True),  # blind index of e-mail or phone
    Column("personal", LargeBinary, nullable=False),
    Column(
        "merged_into", ForeignKey("customers.id")
    ),  # the same person, by somebody's word; never more than one step
    moment("blocked_at"),
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("about", LargeBinary),  # hub.flows.customers.About, sealed
    moment("created_at", required=True),
    CheckConstraint("merged_into <> id", name="merged_into_another"),
    Index("ix_customers_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    Index("ix_customers_blocked_at", "blocked_at", postgresql_where=text("blocked_at IS NOT NULL")),
)

_PAYMENTS = ("pending", "authorized", "paid", "partly refunded", "refunded", "failed")

orders = Table(
    "orders",
    metadata,
    id_column(),
    Column("number", BigInteger, Identity(start=1001), nullable=False, unique=True),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("channel_order_id", Text, nullable=False),
    words("channel_order_number"),
    words("channel_state"),
    Column("snapshot_key", Text(collation="C"), nullable=False),
    number("changes"),
    moment("placed_at", required=True),
    moment("channel_updated_at", required=True),
    moment("taken_at", required=True),
    Column("currency", Text, nullable=False),
    amount("total"),
    amount("tax_total"),
    amount("shipping_total"),
    amount("shipping_tax"),
    amount("discount_total"),
    amount("difference"),
    Column("tax_included", Boolean, nullable=False, server_default=text("false")),
    Column("payment", Text, nullable=False),  # as people read it: what the sums say, else the channel's word
    words("channel_payment", "pending"),  # the channel's own word
    amount("collected"),  # by that word
    words("payment_method"),
    words("shipping_method"),
    Column("pickup", JSONB),  # hub.model.incoming.Pickup: the customer collects it; null: it is sent
    Column("cash_on_delivery", Boolean, nullable=False, server_default=text("false")),
    moment("pay_by"),  # unpaid: until when its stock stays promised; null: as long as it is open
    moment("ship_by"),  # by when it must leave; null: nobody promised
    moment("late_told_at"),
    moment("canceled_at"),
    Column(
        "channel_canceled", Boolean, nullable=False, server_default=text("false")
    ),  # the channel's own word
    amount("refunded"),
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("owners", LargeBinary),  # hub.model.edits.owners.Owned by field, sealed; null: people own nothing
    Column("remark", LargeBinary),  # a note of our own, sealed
    Column("custom", JSONB, nullable=False, server_default=text("'{}'")),  # values of order_fields, by key
    Column("custom_personal", LargeBinary),  # those of personal ones, sealed
    number("priority", 100),  # the lowest is filled first when stock arrives
    Column("ship_to", JSONB),  # hub.model.stock.nearness.Destination: roughly where it goes, never an address
    Column("holds", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("set_aside", JSONB),  # the holds it had when it was canceled, with their facts
    Column("notes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("customer_id", ForeignKey("customers.id")),
    Column("personal", LargeBinary, nullable=False),  # hub.model.incoming.Person, sealed
    UniqueConstraint("channel_id", "channel_order_id"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_form"),
    one_of("payment", *_PAYMENTS),
    one_of("channel_payment", *_PAYMENTS),
    CheckConstraint("priority BETWEEN 0 AND 10000", name="priority_in_range"),
    CheckConstraint("refunded >= 0", name="refunded_not_negative"),
    CheckConstraint("set_aside IS NULL OR canceled_at IS NOT NULL", name="sets_aside_while_canceled"),
    Index("ix_orders_tags", "tags", postgresql_using="gin", postgresql_where=text("tags <> '{}'")),
    Index(
        "ix_orders_unpaid",
        "placed_at",
        postgresql_where=text("payment IN ('pending', 'authorized', 'failed') AND canceled_at IS NULL"),
    ),
    Index(
        "ix_orders_pickup",
        "placed_at",
        postgresql_where=text("pickup IS NOT NULL AND canceled_at IS NULL"),
    ),
    Index(
        "ix_orders_custom",
        "custom",
        postgresql_using="gin",
        postgresql_ops={"custom": "jsonb_path_ops"},
        postgresql_where=text("custom <> '{}'"),
    ),
    Index("ix_orders_placed_at", "placed_at", "number"),
    Index("ix_orders_channel_placed", "channel_id", "placed_at", "number"),
    Index("ix_orders_channel_order_number", "channel_order_number"),
    Index(
        "ix_orders_pay_by",
        "pay_by",
        postgresql_where=text("pay_by IS NOT NULL AND canceled_at IS NULL AND NOT holds @> ARRAY['payment']"),
    ),
    Index("ix_orders_held", "placed_at", postgresql_where=text("holds <> '{}'")),
    Index("ix_orders_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
)

# What else the retailer wants to know of an order.
order_fields = Table(
    "order_fields",
    metadata,
    Column("key", Text, primary_key=True),
    words("label"),
    words("kind", "text"),
    Column("choices", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("required", Boolean, nullable=False, server_default=text("false")),
    Column("personal", Boolean, nullable=False, server_default=text("false")),
    Column("of_lines", Boolean, nullable=False, server_default=text("false")),
    number("position"),
    moment("dropped_at"),
    one_of("kind", "text", "number", "date", "choice"),
    CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name="key_form"),
)

# The facts of each reason that `orders.holds` names.
holds = Table(
    "holds",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("reason", Text, primary_key=True),
    words("stock", "kept"),
    moment("since", required=True),
    moment("due_at"),
    words("owner"),
    words("note"),
    words("put_by"),
    one_of("stock", "kept", "released"),
    CheckConstraint("reason ~ '^[a-z][a-z0-9 ]{0,39}$'", name="reason_form"),
    Index("ix_holds_since", "since"),
)

# What a person changed of an order, at once; kept so that it can be read, and undone.
order_edits = Table(
    "order_edits",
    metadata,
    id_column(),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    words("kind"),
    words("reason"),
    words("actor"),
    moment("at", required=True),
    Column("sealed", LargeBinary, nullable=False),  # each field with what it was and became
    Column("together", Uuid, nullable=False),  # of a split or a merge, the one that stands for all
    moment("undone_at"),
    words("undone_by"),
    Index("ix_order_edits_order_id", "order_id", "at"),
    Index("ix_order_edits_together", "together"),
)

order_lines = Table(
    "order_lines",
    metadata,
    id_column(),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("channel_line_id", Text, nullable=False),
    words("channel_sku"),
    words("channel_listing_id"),
    words("title"),
    Column("kind", Text, nullable=False),
    Column("sku", ForeignKey("skus.sku")),
    number("units", 1),  # stock units in one unit sold
    number("quantity"),
    number("canceled"),
    number("canceled_with_order"),  # of the canceled ones, those that went when the whole order did
    number("allocated"),
    number("backordered"),  # accepted although not there, within the limit of the SKU
    number("shipped"),
    number("fulfilled"),  # what has left by the channel's word; shipped follows once the line is matched
    number("left_before"),  # of the shipped ones: left before the channel was joined, so no movement
    number("returned"),
    Column(
        "removed", Boolean, nullable=False, server_default=text("false")
    ),  # it stands on the order no more
    amount("unit_price"),
    amount("discount"),
    amount("tax"),
    amount("total"),
    Column("custom", JSONB, nullable=False, server_default=text("'{}'")),  # values of order_fields, by key
    UniqueConstraint("order_id", "channel_line_id"),
    one_of("kind", "item", "custom", "fee"),
    CheckConstraint("quantity >= 0 AND canceled >= 0 AND returned >= 0", name="counts_not_negative"),
    CheckConstraint("allocated >= 0 AND shipped >= 0", name="stock_not_negative"),
    CheckConstraint("canceled <= quantity", name="cancels_no_more_than_ordered"),
    CheckConstraint("canceled_with_order BETWEEN 0 AND canceled", name="canceled_alone_or_with_order"),
    CheckConstraint("fulfilled >= 0 AND left_before BETWEEN 0 AND shipped", name="left_counts"),
    CheckConstraint("returned <= shipped", name="returns_no_more_than_shipped"),
    CheckConstraint("sku IS NOT NULL OR allocated = 0", name="allocates_only_matched"),
    CheckConstraint(
        "backordered = 0 OR backordered > 0 AND sku IS NOT NULL"
        " AND allocated + shipped + backordered <= quantity - canceled",
        name="backorders_what_is_due",
    ),
    CheckConstraint("units > 0", name="units_positive"),
    Index("ix_order_lines_unmatched", "channel_sku", postgresql_where=text("sku IS NULL AND kind = 'item'")),
    Index("ix_order_lines_sku", "sku"),
    Index("ix_order_lines_backordered", "sku", postgresql_where=text("backordered > 0")),
    Index(
        "ix_order_lines_open",
        "order_id",
        postgresql_where=text("kind = 'item' AND shipped < quantity - canceled"),
    ),
)

# What one unit sold of a bundle takes, as of the moment when the line was matched: a promise outlives the recipe.
order_line_parts = Table(
    "order_line_parts",
    metadata,
    Column("line_id", ForeignKey("order_lines.id"), primary_key=True),
    Column("sku", ForeignKey("skus.sku"), primary_key=True),
    number("units", 1),
    CheckConstraint("units > 0", name="units_positive"),
    Index("ix_order_line_parts_sku", "sku"),
)

returns = Table(
    "returns",
    metadata,
    id_column(),
    Column("order_line_id", ForeignKey("order_lines.id"), nullable=False),
    Column("rma_line_id", ForeignKey("rma_lines.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("location", ForeignKey("locations.code")),
    words("reason"),
    words("actor"),
    moment("at", required=True),
    moment("inspected_at"),
    words("inspected_by"),
    one_of("disposition", "restock", "scrap", "inspect"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint("disposition <> 'restock' OR location IS NOT NULL", name="restocked_somewhere"),
    CheckConstraint("disposition <> 'inspect' OR inspected_at IS NULL", name="aside_until_inspected"),
    Index("ix_returns_order_line_id", "order_line_id"),
    Index("ix_returns_rma_line_id", "rma_line_id"),
    Index("ix_returns_to_inspect", "at", postgresql_where=text("disposition = 'inspect'")),
)

shipments = Table(
    "shipments",
    metadata,
    id_column(),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    words(
        "channel_parcel_id"
    ),  # theirs, where it left by the channel's word; empty where the hub let it leave
    words("carrier"),
    words("tracking"),
    words("actor"),
    moment("at", required=True),
    words("state", "shipped"),
    moment("state_at"),
    one_of("state", "shipped", "delivered", "lost", "returned to sender"),
    Index("ix_shipments_order_id", "order_id"),
    Index("ix_shipments_tracking", "tracking", postgresql_where=text("tracking <> ''")),
    Index(
        "uq_shipments_channel_parcel_id",
        "order_id",
        "channel_parcel_id",
        unique=True,
        postgresql_where=text("channel_parcel_id <> ''"),
    ),
)

shipment_lines = Table(
    "shipment_lines",
    metadata,
    Column("shipment_id", ForeignKey("shipments.id"), primary_key=True),
    Column("order_line_id", ForeignKey("order_lines.id"), primary_key=True),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    Index("ix_shipment_lines_order_line_id", "order_line_id"),
)
