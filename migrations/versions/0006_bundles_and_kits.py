"""Bundles and kits: what they are made of, and what a sold bundle takes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("skus", sa.Column("kind", sa.Text(), server_default=sa.text("'item'"), nullable=False))
    has_stock = sa.Computed("kind <> 'bundle'", persisted=True)
    op.add_column("skus", sa.Column("has_stock", sa.Boolean(), has_stock, nullable=False))
    op.create_check_constraint(op.f("ck_skus_kind_known"), "skus", "kind IN ('item', 'bundle', 'kit')")
    op.create_unique_constraint(op.f("uq_skus_sku_has_stock"), "skus", ["sku", "has_stock"])
    op.add_column(
        "levels", sa.Column("has_stock", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.create_check_constraint(op.f("ck_levels_no_bundle"), "levels", "has_stock")
    op.drop_constraint(op.f("fk_levels_sku"), "levels", type_="foreignkey")
    both = ["sku", "has_stock"]
    op.create_foreign_key(op.f("fk_levels_sku_has_stock"), "levels", "skus", both, both)
    _create_parts(
        "components",
        "whole",
        "component",
        sa.CheckConstraint("whole <> component", name=op.f("ck_components_not_of_itself")),
    )
    _create_parts("bundle_parts", "bundle", "part")
    _create_line_parts()


def _create_parts(table: str, whole: str, part: str, *rules: sa.Constraint) -> None:
    op.create_table(
        table,
        sa.Column(whole, sa.Text(), nullable=False),
        sa.Column(part, sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), server_default=sa.text("1"), nullable=False),
        *rules,
        sa.CheckConstraint("units > 0", name=op.f(f"ck_{table}_units_positive")),
        sa.ForeignKeyConstraint([whole], ["skus.sku"], name=op.f(f"fk_{table}_{whole}")),
        sa.ForeignKeyConstraint([part], ["skus.sku"], name=op.f(f"fk_{table}_{part}")),
        sa.PrimaryKeyConstraint(whole, part, name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_{part}", table, [part], unique=False)


def _create_line_parts() -> None:
    op.create_table(
        "order_line_parts",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_order_line_parts_units_positive")),
        sa.ForeignKeyConstraint(["line_id"], ["order_lines.id"], name=op.f("fk_order_line_parts_line_id")),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_order_line_parts_sku")),
        sa.PrimaryKeyConstraint("line_id", "sku", name=op.f("pk_order_line_parts")),
    )
    op.create_index("ix_order_line_parts_sku", "order_line_parts", ["sku"], unique=False)


def downgrade() -> None:
    op.drop_table("order_line_parts")
    op.drop_table("bundle_parts")
    op.drop_table("components")
    op.drop_constraint(op.f("fk_levels_sku_has_stock"), "levels", type_="foreignkey")
    op.create_foreign_key(op.f("fk_levels_sku"), "levels", "skus", ["sku"], ["sku"])
    op.drop_column("levels", "has_stock")
    op.drop_constraint(op.f("uq_skus_sku_has_stock"), "skus", type_="unique")
    op.drop_column("skus", "has_stock")
    op.drop_column("skus", "kind")
