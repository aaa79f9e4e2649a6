"""Products, and the SKUs that are their variants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("options", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_products_code_not_empty")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_products_title_not_empty")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_products")),
    )
    op.add_column("skus", sa.Column("product", sa.Text(), nullable=True))
    op.add_column(
        "skus", sa.Column("options", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    )
    op.create_foreign_key(op.f("fk_skus_product"), "skus", "products", ["product"], ["code"])
    op.create_check_constraint(
        op.f("ck_skus_options_of_a_product"), "skus", "product IS NOT NULL OR options = '{}'::jsonb"
    )
    op.create_index(
        "uq_skus_variant",
        "skus",
        ["product", "options"],
        unique=True,
        postgresql_where=sa.text("product IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_skus_variant", table_name="skus")
    op.drop_constraint(op.f("ck_skus_options_of_a_product"), "skus")
    op.drop_constraint(op.f("fk_skus_product"), "skus")
    op.drop_column("skus", "options")
    op.drop_column("skus", "product")
    op.drop_table("products")
