"""Orders are found by the tracking numbers of their parcels."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_shipments_tracking", "shipments", ["tracking"], postgresql_where=sa.text("tracking <> ''")
    )


def downgrade() -> None:
    op.drop_index("ix_shipments_tracking", table_name="shipments")
