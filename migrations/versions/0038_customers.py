"""Customers that are the same person, are blocked, or have a note and tags."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "customers", sa.Column("tags", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("customers", sa.Column("about", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        op.f("fk_customers_merged_into_customers"), "customers", "customers", ["merged_into"], ["id"]
    )
    op.create_check_constraint(op.f("ck_customers_merged_into_another"), "customers", "merged_into <> id")
    for name in ("merged_into", "blocked_at"):
        op.create_index(
            f"ix_customers_{name}", "customers", [name], postgresql_where=sa.text(f"{name} IS NOT NULL")
        )


def downgrade() -> None:
    for name in ("blocked_at", "merged_into"):
        op.drop_index(f"ix_customers_{name}", table_name="customers")
    for name in ("about", "tags", "blocked_at", "merged_into"):
        op.drop_column("customers", name)
