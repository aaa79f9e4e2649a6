"""Returns as documents, and refunds by line; what came back before is an RMA of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

# A line of an RMA that was received in one step has the id of the goods.
_RMAS = """
INSERT INTO rmas (id, order_id, state, actor, at, state_at)
SELECT r.id, l.order_id, CASE r.disposition WHEN 'inspect' THEN 'received' ELSE 'settled' END, r.actor, r.at,
  coalesce(r.inspected_at, r.at)
FROM returns r JOIN order_lines l ON l.id = r.order_line_id ORDER BY r.at, r.id"""
_LINES = """
INSERT INTO rma_lines (id, rma_id, order_line_id, quantity, received, reason)
SELECT id, id, order_line_id, quantity, quantity, reason FROM returns"""


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), nullable=False)


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'"), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _amount(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(), server_default=sa.text("0"), nullable=False)


def _to(table: str, here: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{here}_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name)


def upgrade() -> None:
    _add_rmas()
    _add_refunds()
    op.execute(_RMAS)
    op.execute(_LINES)
    op.add_column("returns", sa.Column("rma_line_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE returns SET rma_line_id = id")
    op.alter_column("returns", "rma_line_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_returns_rma_line_id_rma_lines"), "returns", "rma_lines", ["rma_line_id"], ["id"]
    )
    op.create_index("ix_returns_rma_line_id", "returns", ["rma_line_id"])
    op.add_column("channels", sa.Column("returns_cursor", sa.Text(), nullable=True))


def _add_rmas() -> None:
    op.create_table(
        "rmas",
        _id(),
        sa.Column("number", sa.BigInteger(), sa.Identity(start=1001), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        _text("state"),
        _text("channel_return_id"),
        sa.Column("channel_key", sa.Text(collation="C"), server_default=sa.text("''"), nullable=False),
        _text("note"),
        _text("actor"),
        _moment("at"),
        _moment("state_at"),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'declined', 'canceled', 'received', 'inspected', 'settled')",
            name=op.f("ck_rmas_state_known"),
        ),
        _to("orders", "rmas", "order_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rmas")),
        sa.UniqueConstraint("number", name=op.f("uq_rmas_number")),
    )
    op.create_index("ix_rmas_order_id", "rmas", ["order_id"])
    op.create_index(
        "uq_rmas_channel_return_id",
        "rmas",
        ["order_id", "channel_return_id"],
        unique=True,
        postgresql_where=sa.text("channel_return_id <> ''"),
    )
    op.create_index("ix_rmas_state", "rmas", ["state", "number"])
    op.create_table(
        "rma_lines",
        _id(),
        sa.Column("rma_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _text("wish", "refund"),
        _text("reason"),
        sa.CheckConstraint("wish IN ('refund', 'exchange')", name=op.f("ck_rma_lines_wish_known")),
        sa.CheckConstraint(
            "quantity > 0 AND received BETWEEN 0 AND quantity",
            name=op.f("ck_rma_lines_receives_what_was_asked"),
        ),
        _to("rmas", "rma_lines", "rma_id"),
        _to("order_lines", "rma_lines", "order_line_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rma_lines")),
    )
    op.create_index("ix_rma_lines_rma_id", "rma_lines", ["rma_id"])
    op.create_index("ix_rma_lines_order_line_id", "rma_lines", ["order_line_id"])


def _add_refunds() -> None:
    op.create_table(
        "refunds",
        _id(),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        _amount("credited"),
        _amount("shipping"),
        sa.Column("rma_id", sa.Uuid(), nullable=True),
        _text("reason"),
        _text("actor"),
        _moment("at"),
        sa.CheckConstraint("amount >= 0 AND credited >= 0", name=op.f("ck_refunds_amounts_not_negative")),
        _to("orders", "refunds", "order_id"),
        _to("rmas", "refunds", "rma_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
    )
    op.create_index("ix_refunds_order_id", "refunds", ["order_id"])
    op.create_index(
        "ix_refunds_rma_id",
        "refunds",
        ["rma_id"],
        unique=True,
        postgresql_where=sa.text("rma_id IS NOT NULL"),
    )
    op.create_table(
        "refund_lines",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_refund_lines_units_positive")),
        _to("refunds", "refund_lines", "refund_id"),
        _to("order_lines", "refund_lines", "order_line_id"),
        sa.PrimaryKeyConstraint("refund_id", "order_line_id", name=op.f("pk_refund_lines")),
    )
    op.create_index("ix_refund_lines_order_line_id", "refund_lines", ["order_line_id"])


def downgrade() -> None:
    op.drop_column("channels", "returns_cursor")
    op.drop_column("returns", "rma_line_id")
    for table in ("refund_lines", "refunds", "rma_lines", "rmas"):
        op.drop_table(table)
