"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'ok'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('ok', 'needs login', 'paused')", name=op.f("ck_accounts_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("identity", name=op.f("uq_customers_identity")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column(
            "facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(
        "ix_events_order_id",
        "events",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_table(
        "locations",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("100"), nullable=False),
        sa.Column("sellable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_locations")),
    )
    op.create_table(
        "movements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_hand_change", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("allocated_change", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Text(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'allocation' OR (allocated_change > 0 AND on_hand_change = 0)",
            name=op.f("ck_movements_allocation_form"),
        ),
        sa.CheckConstraint(
            "kind <> 'release' OR (allocated_change < 0 AND on_hand_change = 0)",
            name=op.f("ck_movements_release_form"),
        ),
        sa.CheckConstraint(
            "kind <> 'shipment' OR (allocated_change <= 0 AND on_hand_change < 0)",
            name=op.f("ck_movements_shipment_form"),
        ),
        sa.CheckConstraint(
            "kind IN ('receipt', 'allocation', 'release', 'shipment', 'return', 'adjustment', 'transfer', 'count')",
            name=op.f("ck_movements_kind_known"),
        ),
        sa.CheckConstraint(
            "on_hand_change <> 0 OR allocated_change <> 0", name=op.f("ck_movements_moves_something")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
        sa.UniqueConstraint(
            "cause",
            "cause_id",
            "kind",
            "sku",
            "location",
            name=op.f("uq_movements_cause_cause_id_kind_sku_location"),
        ),
    )
    op.create_index(
        "ix_movements_order_line_id",
        "movements",
        ["order_line_id"],
        unique=False,
        postgresql_where=sa.text("order_line_id IS NOT NULL"),
    )
    op.create_index("ix_movements_sku_at", "movements", ["sku", "at"], unique=False)
    op.create_table(
        "skus",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("price", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sku <> ''", name=op.f("ck_skus_sku_not_empty")),
        sa.CheckConstraint("(price IS NULL) = (currency IS NULL)", name=op.f("ck_skus_price_has_currency")),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_skus")),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("webhook_token", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("orders_cursor", sa.Text(), nullable=True),
        sa.Column("pull_every_s", sa.Integer(), server_default=sa.text("60"), nullable=False),
        sa.Column("next_pull_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_channels_slug_form")),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_channels_state_known")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_channels_failures_counted")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_channels_account_id")),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_channels_location")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("slug", name=op.f("uq_channels_slug")),
        sa.UniqueConstraint("webhook_token", name=op.f("uq_channels_webhook_token")),
    )
    op.create_table(
        "levels",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("allocated", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("safety_stock", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("allocated >= 0", name=op.f("ck_levels_allocated_not_negative")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_levels_reserved_not_negative")),
        sa.CheckConstraint("safety_stock >= 0", name=op.f("ck_levels_safety_not_negative")),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_levels_location")),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_levels_sku")),
        sa.PrimaryKeyConstraint("sku", "location", name=op.f("pk_levels")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "counters",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_counters_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", "name", name=op.f("pk_counters")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("channel_order_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "source IN ('webhook', 'poll', 'fetch', 'file', 'form')", name=op.f("ck_inbox_source_known")
        ),
        sa.CheckConstraint("state <> 'parked' OR reason <> ''", name=op.f("ck_inbox_parked_with_reason")),
        sa.CheckConstraint(
            "state IN ('waiting', 'taken', 'unchanged', 'older', 'fetched', 'ignored', 'parked')",
            name=op.f("ck_inbox_state_known"),
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_inbox_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("channel_id", "delivery_key", name=op.f("uq_inbox_channel_id_delivery_key")),
    )
    op.create_index(
        "ix_inbox_order_id",
        "inbox",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_parked",
        "inbox",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["channel_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "listings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("channel_listing_id", sa.Text(), nullable=False),
        sa.Column("channel_sku", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("units", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("buffer", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("buffer >= 0", name=op.f("ck_listings_buffer_not_negative")),
        sa.CheckConstraint("cap >= 0", name=op.f("ck_listings_cap_not_negative")),
        sa.CheckConstraint("units > 0", name=op.f("ck_listings_units_positive")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_listings_channel_id")),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_listings_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
        sa.UniqueConstraint(
            "channel_id", "channel_listing_id", name=op.f("uq_listings_channel_id_channel_listing_id")
        ),
    )
    op.create_index("ix_listings_channel_sku", "listings", ["channel_id", "channel_sku"], unique=False)
    op.create_index("ix_listings_sku", "listings", ["sku"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False, start=1001), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("channel_order_id", sa.Text(), nullable=False),
        sa.Column("channel_order_number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("channel_state", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("snapshot_key", sa.Text(collation="C"), nullable=False),
        sa.Column("changes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("tax_total", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipping_total", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipping_tax", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount_total", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("difference", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("tax_included", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("payment_method", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("shipping_method", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holds", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("notes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_orders_currency_form")),
        sa.CheckConstraint(
            "holds <@ ARRAY['unmatched','oversold','payment','address','fraud','review']",
            name=op.f("ck_orders_holds_known"),
        ),
        sa.CheckConstraint(
            "payment IN ('pending', 'authorized', 'paid', 'partly refunded', 'refunded', 'failed')",
            name=op.f("ck_orders_payment_known"),
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_orders_channel_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "channel_id", "channel_order_id", name=op.f("uq_orders_channel_id_channel_order_id")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    op.create_index(
        "ix_orders_customer_id",
        "orders",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_held", "orders", ["placed_at"], unique=False, postgresql_where=sa.text("holds <> '{}'")
    )
    op.create_index("ix_orders_placed_at", "orders", ["placed_at", "number"], unique=False)
    op.create_index("ix_orders_channel_placed", "orders", ["channel_id", "placed_at", "number"], unique=False)
    op.create_index("ix_orders_channel_order_number", "orders", ["channel_order_number"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("channel_line_id", sa.Text(), nullable=False),
        sa.Column("channel_sku", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("channel_listing_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("units", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("canceled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("allocated", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("fulfilled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("left_before", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("returned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unit_price", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("tax", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "fulfilled >= 0 AND left_before BETWEEN 0 AND shipped", name=op.f("ck_order_lines_left_counts")
        ),
        sa.CheckConstraint("kind IN ('item', 'custom', 'fee')", name=op.f("ck_order_lines_kind_known")),
        sa.CheckConstraint("allocated >= 0 AND shipped >= 0", name=op.f("ck_order_lines_stock_not_negative")),
        sa.CheckConstraint("canceled <= quantity", name=op.f("ck_order_lines_cancels_no_more_than_ordered")),
        sa.CheckConstraint(
            "quantity >= 0 AND canceled >= 0 AND returned >= 0",
            name=op.f("ck_order_lines_counts_not_negative"),
        ),
        sa.CheckConstraint("returned <= shipped", name=op.f("ck_order_lines_returns_no_more_than_shipped")),
        sa.CheckConstraint(
            "sku IS NOT NULL OR allocated = 0", name=op.f("ck_order_lines_allocates_only_matched")
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_order_lines_units_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_order_lines_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint(
            "order_id", "channel_line_id", name=op.f("uq_order_lines_order_id_channel_line_id")
        ),
    )
    op.create_index("ix_order_lines_sku", "order_lines", ["sku"], unique=False)
    op.create_index(
        "ix_order_lines_open",
        "order_lines",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("kind = 'item' AND shipped < quantity - canceled"),
    )
    op.create_index(
        "ix_order_lines_unmatched",
        "order_lines",
        ["channel_sku"],
        unique=False,
        postgresql_where=sa.text("sku IS NULL AND kind = 'item'"),
    )
    op.create_table(
        "publications",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("confirmed_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_quantity", sa.Integer(), nullable=True),
        sa.Column("confirmed_quantity", sa.Integer(), nullable=True),
        sa.Column("dirty_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("outcome", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("problem", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('', 'applied', 'rejected', 'unknown')", name=op.f("ck_publications_outcome_known")
        ),
        sa.CheckConstraint("confirmed_version <= version", name=op.f("ck_publications_confirms_no_future")),
        sa.CheckConstraint("sent_quantity >= 0", name=op.f("ck_publications_sent_not_negative")),
        sa.CheckConstraint("sent_version <= version", name=op.f("ck_publications_sends_no_future")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_publications_channel_id")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_publications_listing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_publications")),
    )
    op.create_index(
        "ix_publications_dirty",
        "publications",
        ["channel_id"],
        unique=False,
        postgresql_where=sa.text("confirmed_version < version"),
    )
    op.execute("INSERT INTO locations (code, name) VALUES ('main', 'Main location')")


def downgrade() -> None:
    op.drop_index(
        "ix_publications_dirty",
        table_name="publications",
        postgresql_where=sa.text("confirmed_version < version"),
    )
    op.drop_table("publications")
    op.drop_index(
        "ix_order_lines_unmatched",
        table_name="order_lines",
        postgresql_where=sa.text("sku IS NULL AND kind = 'item'"),
    )
    op.drop_index(
        "ix_order_lines_open",
        table_name="order_lines",
        postgresql_where=sa.text("kind = 'item' AND shipped < quantity - canceled"),
    )
    op.drop_index("ix_order_lines_sku", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index("ix_orders_channel_order_number", table_name="orders")
    op.drop_index("ix_orders_channel_placed", table_name="orders")
    op.drop_index("ix_orders_placed_at", table_name="orders")
    op.drop_index("ix_orders_held", table_name="orders", postgresql_where=sa.text("holds <> '{}'"))
    op.drop_index(
        "ix_orders_customer_id", table_name="orders", postgresql_where=sa.text("customer_id IS NOT NULL")
    )
    op.drop_table("orders")
    op.drop_index("ix_listings_sku", table_name="listings")
    op.drop_index("ix_listings_channel_sku", table_name="listings")
    op.drop_table("listings")
    op.drop_index("ix_inbox_waiting", table_name="inbox", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index("ix_inbox_parked", table_name="inbox", postgresql_where=sa.text("state = 'parked'"))
    op.drop_index("ix_inbox_order_id", table_name="inbox", postgresql_where=sa.text("order_id IS NOT NULL"))
    op.drop_table("inbox")
    op.drop_table("counters")
    op.drop_table("levels")
    op.drop_table("channels")
    op.drop_table("skus")
    op.drop_index("ix_movements_sku_at", table_name="movements")
    op.drop_index(
        "ix_movements_order_line_id",
        table_name="movements",
        postgresql_where=sa.text("order_line_id IS NOT NULL"),
    )
    op.drop_table("movements")
    op.drop_table("locations")
    op.drop_index("ix_events_order_id", table_name="events", postgresql_where=sa.text("order_id IS NOT NULL"))
    op.drop_table("events")
    op.drop_table("customers")
    op.drop_table("accounts")
