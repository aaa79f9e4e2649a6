"""What a channel is to be told stands in the order in which it is told."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

DUE = sa.text("confirmed_version < version")


def upgrade() -> None:
    op.create_index(
        "ix_publications_due",
        "publications",
        ["channel_id", sa.text("risk DESC"), "dirty_since", "listing_id"],
        postgresql_where=DUE,
    )
    op.drop_index("ix_publications_dirty", "publications")


def downgrade() -> None:
    op.create_index("ix_publications_dirty", "publications", ["channel_id"], postgresql_where=DUE)
    op.drop_index("ix_publications_due", "publications")
