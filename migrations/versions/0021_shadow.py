"""Channels in shadow: the hub says what it would write, reads what is there, and writes nothing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("shadow_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "channels",
        sa.Column("live_groups", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "publications", sa.Column("shadowed", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("publications", sa.Column("seen_quantity", sa.Integer(), nullable=True))
    op.add_column("publications", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_publications_shadowed",
        "publications",
        ["channel_id", "seen_at"],
        postgresql_where=sa.text("shadowed AND stopped_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_publications_shadowed", table_name="publications")
    op.drop_column("publications", "seen_at")
    op.drop_column("publications", "seen_quantity")
    op.drop_column("publications", "shadowed")
    op.drop_column("channels", "live_groups")
    op.drop_column("channels", "shadow_since")
