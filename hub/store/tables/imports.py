"""Files that were handed over to be imported, how far each one is, and what became of its rows."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hub.store.tables.columns import id_column, metadata, moment, number, one_of, words

imports = Table(
    "imports",
    metadata,
    id_column(),  # made by whoever hands it over: sent twice, it is one import; the cause of its movements
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed where it may name people: a bank statement
    Column("how", JSONB, nullable=False),
    words("state", "waiting"),
    words("problem"),
    Column("notes", JSONB, nullable=False, server_default=text("'[]'")),
    number("row_count"),
    number("rows_done"),
    number("new"),
    number("changed"),
    number("unchanged"),
    number("refused"),
    number("drastic"),  # of the changed ones: they need a second word
    Column("actor", Text, nullable=False),
    moment("created_at", required=True),
    moment("seen_at", required=True),  # when it last got on: one that stands still is rung for again
    moment("applied_at"),
    moment("ended_at"),
    one_of("kind", "stock", "catalog", "prices", "listings", "parcels", "bank"),
    one_of("state", "waiting", "looked at", "applying", "done", "unread"),
    CheckConstraint("(state = 'unread') = (problem <> '')", name="unread_with_reason"),
    CheckConstraint("(state IN ('applying', 'done')) = (applied_at IS NOT NULL)", name="applied_at_known"),
    CheckConstraint("(state = 'done') = (ended_at IS NOT NULL)", name="ended_at_known"),
    CheckConstraint("rows_done <= row_count", name="does_no_more_than_there_is"),
    CheckConstraint("new + changed + unchanged + refused = rows_done", name="every_row_has_an_outcome"),
    Index("ix_imports_created_at", "created_at"),
    Index("ix_imports_open", "seen_at", postgresql_where=text("state IN ('waiting', 'applying')")),
)

import_lines = Table(  # rows that change nothing are only counted, unless they say why
    "import_lines",
    metadata,
    Column("import_id", ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    words("column"),
    words("why"),
    one_of("outcome", "new", "changed", "unchanged", "refused"),
    CheckConstraint("(outcome IN ('unchanged', 'refused')) = (why <> '')", name="unwritten_with_reason"),
)
