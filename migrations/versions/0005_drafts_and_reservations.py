"""Orders that are still being typed, and the stock that is reserved for them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 200", name=op.f("ck_order_drafts_id_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_drafts")),
    )
    op.create_index("ix_order_drafts_saved_at", "order_drafts", ["saved_at"])
    op.create_table(
        "reservations",
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_reservations_units_positive")),
        sa.ForeignKeyConstraint(["draft_id"], ["order_drafts.id"], name=op.f("fk_reservations_draft_id")),
        sa.ForeignKeyConstraint(
            ["sku", "location"],
            ["levels.sku", "levels.location"],
            name=op.f("fk_reservations_sku_location"),
        ),
        sa.PrimaryKeyConstraint("draft_id", "sku", "location", name=op.f("pk_reservations")),
    )
    op.create_index("ix_reservations_sku_location", "reservations", ["sku", "location"])
    op.create_index("ix_reservations_expires_at", "reservations", ["expires_at"])


def downgrade() -> None:
    op.execute("UPDATE levels SET reserved = 0 WHERE reserved > 0")
    op.drop_table("reservations")
    op.drop_table("order_drafts")
