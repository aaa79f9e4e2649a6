"""Returns: goods that came back, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "returns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inspected_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "disposition IN ('restock', 'scrap', 'inspect')", name=op.f("ck_returns_disposition_known")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_returns_quantity_positive")),
        sa.CheckConstraint(
            "disposition <> 'restock' OR location IS NOT NULL", name=op.f("ck_returns_restocked_somewhere")
        ),
        sa.CheckConstraint(
            "disposition <> 'inspect' OR inspected_at IS NULL", name=op.f("ck_returns_aside_until_inspected")
        ),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_returns_order_line_id")),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_returns_location")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
    )
    op.create_index("ix_returns_order_line_id", "returns", ["order_line_id"])
    op.create_index(
        "ix_returns_to_inspect", "returns", ["at"], postgresql_where=sa.text("disposition = 'inspect'")
    )


def downgrade() -> None:
    op.drop_table("returns")
