"""Fields of the retailer's own on orders, and their values."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_fields",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'text'"), nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("personal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('text', 'number', 'date', 'choice')", name=op.f("ck_order_fields_kind_known")
        ),
        sa.CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name=op.f("ck_order_fields_key_form")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_order_fields")),
    )
    op.add_column(
        "orders", sa.Column("custom", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("orders", sa.Column("custom_personal", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_orders_custom",
        "orders",
        ["custom"],
        postgresql_using="gin",
        postgresql_ops={"custom": "jsonb_path_ops"},
        postgresql_where=sa.text("custom <> '{}'"),
    )


def downgrade() -> None:
    op.drop_index("ix_orders_custom", "orders")
    op.drop_column("orders", "custom_personal")
    op.drop_column("orders", "custom")
    op.drop_table("order_fields")
