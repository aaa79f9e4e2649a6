"""Exporters and observers: who is told, by a cursor of their own, of what is committed."""

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import UniqueConstraint

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

followers = Table(
    "followers",
    metadata,
    id_column(),
    Column("role", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("settings", LargeBinary, nullable=False),  # sealed with the id
    Column("settings_version", Integer, nullable=False),
    Column("topics", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # none: all of them
    number("every_s"),  # 0: an exporter that runs by command only
    Column("cursor", JSONB, nullable=False),  # hub.store.followers.Cursor
    words("state", "active"),
    words("problem"),
    number("attempts"),  # failed ones since the last that went well
    number("passed_over"),  # events this observer refused for good
    moment("next_at"),  # null: when a person says so
    moment("went_at"),
    moment("created_at", required=True),
    UniqueConstraint("role", "slug"),
    one_of("role", "exporter", "observer"),
    one_of("state", "active", "paused"),
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug_form"),
    CheckConstraint("every_s >= 0", name="every_not_negative"),
    CheckConstraint("(cursor->>'event_id')::bigint >= 0", name="cursor_form"),
    Index("ix_followers_next_at", "next_at", postgresql_where=text("state = 'active'")),
)
