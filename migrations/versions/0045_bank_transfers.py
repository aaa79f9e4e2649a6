"""Bank transfers: what came in, which payments it became, and the payment that takes one back."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

STEPS = "step IN ('authorized', 'captured', 'refunded'{})"
KINDS = "kind IN ('stock', 'catalog', 'prices', 'listings', 'parcels'{})"


def upgrade() -> None:
    op.create_table(
        "bank_transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bank_transfers_amount_positive")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_bank_transfers_currency_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_transfers")),
        sa.UniqueConstraint("key", name=op.f("uq_bank_transfers_key")),
    )
    op.create_table(
        "bank_matches",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_bank_matches_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["bank_transfers.id"], name=op.f("fk_bank_matches_transfer_id_bank_transfers")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_bank_matches")),
    )
    op.create_index("ix_bank_matches_transfer_id", "bank_matches", ["transfer_id"])
    op.create_table(
        "bank_rule",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("books_what_is_sure", sa.Boolean(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_bank_rule_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_bank_rule")),
    )
    op.create_index(
        "ix_orders_unpaid",
        "orders",
        ["placed_at"],
        postgresql_where=sa.text("payment IN ('pending', 'authorized', 'failed') AND canceled_at IS NULL"),
    )
    _allow(", 'undone'", ", 'bank'")


def downgrade() -> None:
    _allow("", "")
    op.drop_index("ix_orders_unpaid", table_name="orders")
    op.drop_table("bank_rule")
    op.drop_table("bank_matches")
    op.drop_table("bank_transfers")


def _allow(steps: str, kinds: str) -> None:
    op.drop_constraint(op.f("ck_payments_step_known"), "payments")
    op.create_check_constraint(op.f("ck_payments_step_known"), "payments", STEPS.format(steps))
    op.drop_constraint(op.f("ck_imports_kind_known"), "imports")
    op.create_check_constraint(op.f("ck_imports_kind_known"), "imports", KINDS.format(kinds))
