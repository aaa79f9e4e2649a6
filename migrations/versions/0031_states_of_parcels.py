"""What becomes of a parcel that left, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "shipments", sa.Column("state", sa.Text(), server_default=sa.text("'shipped'"), nullable=False)
    )
    op.add_column("shipments", sa.Column("state_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_shipments_state_known"),
        "shipments",
        "state IN ('shipped', 'delivered', 'lost', 'returned to sender')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_shipments_state_known"), "shipments")
    op.drop_column("shipments", "state_at")
    op.drop_column("shipments", "state")
