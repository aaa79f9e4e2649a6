"""Pick lists; where SKUs lie on the shelves; and whether the goods of a channel's orders leave by the hub."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

OPEN = "quantity > shipped + short + put_back"


def upgrade() -> None:
    op.add_column("levels", sa.Column("shelf", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column(
        "channels", sa.Column("ships_here", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    _add_lists()
    _add_lines()
    _add_entries()


def _add_lists() -> None:
    op.create_table(
        "pick_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(start=1), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("closed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL)", name=op.f("ck_pick_lists_closed_at_known")
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name=op.f("ck_pick_lists_state_known")),
        sa.ForeignKeyConstraint(
            ["location"], ["locations.code"], name=op.f("fk_pick_lists_location_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_lists")),
        sa.UniqueConstraint("number", name=op.f("uq_pick_lists_number")),
    )
    op.create_index(
        "ix_pick_lists_open", "pick_lists", ["number"], postgresql_where=sa.text("state = 'open'")
    )


def _add_lines() -> None:
    op.create_table(
        "pick_lines",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("short", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("put_back", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_pick_lines_quantity_positive")),
        sa.CheckConstraint(
            "shipped >= 0 AND short >= 0 AND put_back >= 0", name=op.f("ck_pick_lines_ends_not_negative")
        ),
        sa.CheckConstraint(
            "shipped + short + put_back <= quantity", name=op.f("ck_pick_lines_ends_no_more_than_asked")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["pick_lists.id"],
            name=op.f("fk_pick_lines_list_id_pick_lists"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["location"], ["locations.code"], name=op.f("fk_pick_lines_location_locations")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_pick_lines_order_line_id_order_lines")
        ),
        sa.PrimaryKeyConstraint("list_id", "order_line_id", name=op.f("pk_pick_lines")),
    )
    op.create_index("ix_pick_lines_order_line_id", "pick_lines", ["order_line_id"])
    op.create_index(
        "uq_pick_lines_open",
        "pick_lines",
        ["order_line_id", "location"],
        unique=True,
        postgresql_where=sa.text(OPEN),
    )
    op.create_table(
        "pick_parts",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("picked", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("picked >= 0", name=op.f("ck_pick_parts_picked_not_negative")),
        sa.CheckConstraint("units > 0", name=op.f("ck_pick_parts_units_positive")),
        sa.ForeignKeyConstraint(
            ["list_id", "order_line_id"],
            ["pick_lines.list_id", "pick_lines.order_line_id"],
            name=op.f("fk_pick_parts_list_id_order_line_id_pick_lines"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_pick_parts_sku_skus")),
        sa.PrimaryKeyConstraint("list_id", "order_line_id", "sku", name=op.f("pk_pick_parts")),
    )
    op.create_index("ix_pick_parts_sku", "pick_parts", ["sku"], postgresql_where=sa.text("picked > 0"))


def _add_entries() -> None:
    op.create_table(
        "pick_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["pick_lists.id"],
            name=op.f("fk_pick_entries_list_id_pick_lists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_entries")),
    )
    op.create_index("ix_pick_entries_list_id", "pick_entries", ["list_id", "at"])


def downgrade() -> None:
    for table in ("pick_entries", "pick_parts", "pick_lines", "pick_lists"):
        op.drop_table(table)
    op.drop_column("channels", "ships_here")
    op.drop_column("levels", "shelf")
