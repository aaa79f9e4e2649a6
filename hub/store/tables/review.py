"""The review of orders: how the checks are set."""

from sqlalchemy import CheckConstraint, Column, Numeric, Table, Text

from hub.store.tables.columns import metadata, moment, one_of

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
