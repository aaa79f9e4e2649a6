"""Receipts by their reference, and transfers with what is in transit."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_EMPTY = sa.text("''")
_ZERO = sa.text("0")


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reference <> ''", name=op.f("ck_receipts_reference_not_empty")),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_receipts_location")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("reference", name=op.f("uq_receipts_reference")),
    )
    op.create_index("ix_receipts_received_at", "receipts", ["received_at"], unique=False)
    _create_transfers()
    _create_lines()
    op.create_table(
        "transfer_arrivals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["transfers.id"],
            name=op.f("fk_transfer_arrivals_transfer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_arrivals")),
    )
    op.create_index("ix_transfer_arrivals_transfer_id", "transfer_arrivals", ["transfer_id"], unique=False)


def _create_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False, start=1), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("note", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("closed_by", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'received', 'canceled')", name=op.f("ck_transfers_state_known")
        ),
        sa.CheckConstraint("source <> target", name=op.f("ck_transfers_goes_elsewhere")),
        sa.CheckConstraint(
            "(state IN ('sent', 'received')) = (sent_at IS NOT NULL)", name=op.f("ck_transfers_sent_at_known")
        ),
        sa.CheckConstraint(
            "(state IN ('received', 'canceled')) = (closed_at IS NOT NULL)",
            name=op.f("ck_transfers_closed_at_known"),
        ),
        sa.ForeignKeyConstraint(["source"], ["locations.code"], name=op.f("fk_transfers_source")),
        sa.ForeignKeyConstraint(["target"], ["locations.code"], name=op.f("fk_transfers_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("number", name=op.f("uq_transfers_number")),
    )
    op.create_index(
        "ix_transfers_open",
        "transfers",
        ["number"],
        unique=False,
        postgresql_where=sa.text("state IN ('draft', 'sent')"),
    )


def _create_lines() -> None:
    op.create_table(
        "transfer_lines",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("received", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("lost", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("found", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_transfer_lines_units_positive")),
        sa.CheckConstraint("sent IN (0, units)", name=op.f("ck_transfer_lines_sends_all")),
        sa.CheckConstraint(
            "received >= 0 AND lost >= 0 AND found >= 0", name=op.f("ck_transfer_lines_counts_not_negative")
        ),
        sa.CheckConstraint(
            "received + lost <= sent", name=op.f("ck_transfer_lines_arrives_no_more_than_sent")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_transfer_lines_transfer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_transfer_lines_sku")),
        sa.PrimaryKeyConstraint("transfer_id", "sku", name=op.f("pk_transfer_lines")),
    )
    op.create_index(
        "ix_transfer_lines_in_transit",
        "transfer_lines",
        ["sku"],
        unique=False,
        postgresql_where=sa.text("sent > received + lost"),
    )


def downgrade() -> None:
    for table in ("transfer_arrivals", "transfer_lines", "transfers", "receipts"):
        op.drop_table(table)
