"""Channels, their accounts, and the raw messages that came from them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

accounts = Table(
    "accounts",
    metadata,
    id_column(),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("credentials", LargeBinary, nullable=False),  # the connector's config, sealed
    number("settings_version", 1),  # of the config's shape
    Column("tokens", LargeBinary),  # of an account one logs in to, sealed
    Column("limits_key", LargeBinary),  # blind index of whom its calls are counted by; null: by nobody else's
    Column("login_key", LargeBinary),  # blind index of its login; null: nobody else has it
    words("state", "ok"),
    moment("created_at", required=True),
    one_of("state", "ok", "needs login", "paused"),
)

channels = Table(
    "channels",
    metadata,
    id_column(),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("location", ForeignKey("locations.code"), nullable=True),  # a till's own place; null: by priority
    Column("webhook_token", Text, nullable=False, unique=True),
    words("state", "active"),
    Column("orders_cursor", Text),
    Column("returns_cursor", Text),
    Column("refunds_cursor", Text),
    Column("listings_cursor", Text),  # of the look at all it offers that is under way
    moment("listings_began_at"),
    moment("listings_pulled_at"),
    moment("next_listings_pull_at", required=True),
    number("pull_every_s", 60),
    Column(
        "unpaid_hours", Integer
    ),  # how long unpaid orders keep their stock; null: as long as they are open
    Column("unpaid_but", ARRAY(Text), nullable=False, server_default=text("'{cod,cash on delivery}'")),
    Column(
        "ships_here", Boolean, nullable=False, server_default=text("false")
    ),  # goods of its orders leave by the hub
    Column("handling", JSONB),  # hub.model.fulfillment.ship_by.Handling; null: nothing is promised
    moment("next_pull_at", required=True),
    moment("pulled_at"),
    moment("webhooks_at"),  # its webhooks were looked after; null: nobody has asked it to send any
    words("webhooks_problem"),
    moment("shadow_since"),  # nothing is written to it, but what is said of the groups below
    Column("live_groups", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column(
        "paused_groups", ARRAY(Text), nullable=False, server_default=text("'{}'")
    ),  # nothing is told of them
    number("freshness_goal_s", 60),  # a change that waits longer is late
    words("drift_policy", "heal"),
    moment("next_read_at"),  # what it shows is read back; null: at once
    moment("paused_until"),
    number("failures"),
    words("problem"),
    moment("created_at", required=True),
    moment("ranked_until"),  # until then what waits stands in the order of its last ranking
    moment("reopened_at"),  # nothing is told until all it sold while it was closed is taken; null: it is
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug_form"),
    CheckConstraint("failures >= 0", name="failures_counted"),
    CheckConstraint("freshness_goal_s > 0", name="goal_positive"),
    CheckConstraint("unpaid_hours > 0", name="unpaid_hours_positive"),
    one_of("state", "active", "paused", "closed"),
    one_of("drift_policy", "heal", "adopt", "ask"),
)

counters = Table(
    "counters",
    metadata,
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    moment("last_at", required=True),
)

inbox = Table(
    "inbox",
    metadata,
    id_column(),
    Column("channel_id", ForeignKey("channels.id"), nullable=False),
    Column("delivery_key", Text, nullable=False),
    Column("source", Text, nullable=False),
    words("topic"),
    words("channel_order_id"),
    Column("complete", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),  # exactly as it came, sealed
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    words("reason"),
    Column("order_id", Uuid),
    number("attempts"),
    moment("received_at", required=True),
    moment("next_try_at"),
    moment("settled_at"),
    UniqueConstraint("channel_id", "delivery_key"),
    one_of("source", "webhook", "poll", "fetch", "file", "form"),
    one_of("state", "waiting", "taken", "unchanged", "older", "fetched", "ignored", "parked"),
    CheckConstraint("state <> 'parked' OR reason <> ''", name="parked_with_reason"),
    Index("ix_inbox_waiting", "channel_id", "received_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_inbox_parked", "received_at", postgresql_where=text("state = 'parked'")),
    Index("ix_inbox_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
)
