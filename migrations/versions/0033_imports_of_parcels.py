"""Parcels can be imported too."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

NAME = "ck_imports_kind_known"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "imports")
    op.create_check_constraint(
        op.f(NAME), "imports", "kind IN ('stock', 'catalog', 'prices', 'listings', 'parcels')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM imports WHERE kind = 'parcels'")
    op.drop_constraint(op.f(NAME), "imports")
    op.create_check_constraint(op.f(NAME), "imports", "kind IN ('stock', 'catalog', 'prices', 'listings')")
