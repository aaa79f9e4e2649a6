"""Notifiers, what there is to tell, and to whom it still must be told."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

notifiers = Table(
    "notifiers",
    metadata,
    id_column(),
    Column("slug", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("settings", LargeBinary, nullable=False),  # sealed with the id
    Column("settings_version", Integer, nullable=False),
    words("least", "info"),
    words("state", "active"),
    words("problem"),
    moment("told_at"),
    moment("created_at", required=True),
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug_form"),
    one_of("least", "info", "warning", "critical"),
    one_of("state", "active", "paused"),
)

notices = Table(
    "notices",
    metadata,
    id_column(),
    Column("key", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("title", Text, nullable=False),
    words("body"),
    words("link"),
    moment("at", required=True),
    one_of("severity", "info", "warning", "critical"),
    CheckConstraint("key <> '' AND title <> ''", name="says_something"),
    Index("ix_notices_at", "at"),
)

tellings = Table(
    "tellings",
    metadata,
    Column("notice_id", Uuid, ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True),
    Column("notifier_id", Uuid, ForeignKey("notifiers.id", ondelete="CASCADE"), primary_key=True),
    words("state", "waiting"),
    words("reason"),
    number("attempts"),
    moment("next_try_at", required=True),
    moment("settled_at"),
    one_of("state", "waiting", "told", "failed"),
    CheckConstraint("state <> 'failed' OR reason <> ''", name="failed_with_reason"),
    Index("ix_tellings_waiting", "notifier_id", "next_try_at", postgresql_where=text("state = 'waiting'")),
)
