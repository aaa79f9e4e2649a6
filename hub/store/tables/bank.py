"""Money that came in by bank, and which payments it became."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    Table,
    Text,
    text,
)

from hub.store.tables.columns import id_column, metadata, moment, words

bank_transfers = Table(
    "bank_transfers",
    metadata,
    id_column(),  # made by the caller
    Column("key", LargeBinary, nullable=False, unique=True),  # blind index of what makes it the same transfer
    Column("booked_on", Date, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("matched", Numeric, nullable=False, server_default=text("0")),  # the sum of its matches
    Column("personal", LargeBinary, nullable=False),  # hub.model.bank.transfers.Payer, sealed
    words("actor"),
    moment("recorded_at", required=True),
    moment("set_aside_at"),
    words("set_aside_by"),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_form"),
    Index("ix_bank_transfers_left", "id", postgresql_where=text("set_aside_at IS NULL AND matched < amount")),
)

# Each is a payment of its order; one that is undone has a payment of its own that takes it back.
bank_matches = Table(
    "bank_matches",
    metadata,
    Column("payment_id", ForeignKey("payments.id"), primary_key=True),
    Column("transfer_id", ForeignKey("bank_transfers.id"), nullable=False),
    moment("undone_at"),
    Index("ix_bank_matches_transfer_id", "transfer_id"),
)

bank_rule = Table(  # one row at most
    "bank_rule",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("books_what_is_sure", Boolean, nullable=False),
    CheckConstraint("one", name="one_row"),
)
