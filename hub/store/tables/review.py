"""The review of orders: how the checks are set, and the rules with all their versions."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

review_checks = Table(  # a row where somebody has changed one; the others do as usual
    "review_checks",
    metadata,
    Column("check", Text, primary_key=True),
    Column("does", Text, nullable=False),
    Column("figure", Numeric),
    moment("changed_at", required=True),
    one_of("does", "off", "note", "hold"),
    CheckConstraint("figure >= 0", name="figure_not_negative"),
)

rules = Table(  # a dropped one stays: decisions name it
    "rules",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    number("position"),
    Column("is_on", Boolean, nullable=False, server_default=text("true")),
    moment("dropped_at"),
    CheckConstraint("name ~ '^[a-z0-9][a-z0-9-]{0,59}$'", name="name_form"),
    Index("uq_rules_name", "name", unique=True, postgresql_where=text("dropped_at IS NULL")),
)

rule_versions = Table(
    "rule_versions",
    metadata,
    Column("rule_id", ForeignKey("rules.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("condition", Text, nullable=False),
    Column("actions", JSONB, nullable=False),  # hub.model.review.rules.Action, each
    words("actor"),
    moment("at", required=True),
    CheckConstraint("version > 0", name="version_counted"),
)
