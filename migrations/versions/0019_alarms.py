"""Alarms of inventory, the thresholds they go by, and how far the hub has looked."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ZERO, _EMPTY, _TRUE = sa.text("0"), sa.text("''"), sa.text("true")


def upgrade() -> None:
    _create_alarms()
    _create_thresholds()
    op.create_table(
        "alarm_watch",
        sa.Column("one", sa.Boolean(), server_default=_TRUE, nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round_after", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("round_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("one", name=op.f("ck_alarm_watch_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_alarm_watch")),
    )


def _create_alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("units", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("bound", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("expiring", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("part", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('oversold', 'negative_on_hand', 'out_of_stock', 'low_stock', 'aging')",
            name=op.f("ck_alarms_kind_known"),
        ),
        sa.CheckConstraint(
            "kind <> 'negative_on_hand' OR location IS NOT NULL", name=op.f("ck_alarms_negative_somewhere")
        ),
        sa.CheckConstraint(
            "notice_id IS NULL OR told_at IS NOT NULL", name=op.f("ck_alarms_told_by_its_notice")
        ),
        sa.CheckConstraint("closed_at >= opened_at", name=op.f("ck_alarms_closed_after_it_opened")),
        sa.ForeignKeyConstraint(["sku"], ["skus.sku"], name=op.f("fk_alarms_sku")),
        sa.ForeignKeyConstraint(["location"], ["locations.code"], name=op.f("fk_alarms_location")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_alarms_notice_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    _index_alarms()


def _index_alarms() -> None:
    op.create_index(
        "uq_alarms_open",
        "alarms",
        ["kind", "sku", "location"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_alarms_untold",
        "alarms",
        ["id"],
        postgresql_where=sa.text("told_at IS NULL AND closed_at IS NULL"),
    )
    op.create_index("ix_alarms_sku", "alarms", ["sku", "id"])
    op.create_index(
        "ix_alarms_notice_id", "alarms", ["notice_id"], postgresql_where=sa.text("notice_id IS NOT NULL")
    )


def _create_thresholds() -> None:
    op.create_table(
        "alarm_thresholds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_alarm_thresholds_units_not_negative")),
        sa.ForeignKeyConstraint(
            ["sku"], ["skus.sku"], name=op.f("fk_alarm_thresholds_sku"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["location"], ["locations.code"], name=op.f("fk_alarm_thresholds_location"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_thresholds")),
        sa.UniqueConstraint(
            "sku",
            "location",
            name=op.f("uq_alarm_thresholds_sku_location"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "alarm_bounds",
        sa.Column("one", sa.Boolean(), server_default=_TRUE, nullable=False),
        sa.Column("low_stock", sa.Integer(), nullable=False),
        sa.Column("unmoved_days", sa.Integer(), nullable=False),
        sa.Column("expiry_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_alarm_bounds_one_row")),
        sa.CheckConstraint(
            "low_stock >= 0 AND unmoved_days > 0 AND expiry_days >= 0",
            name=op.f("ck_alarm_bounds_bounds_possible"),
        ),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_alarm_bounds")),
    )


def downgrade() -> None:
    for table in ("alarm_watch", "alarm_bounds", "alarm_thresholds", "alarms"):
        op.drop_table(table)
