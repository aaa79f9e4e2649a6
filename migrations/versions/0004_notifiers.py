"""Notifiers and what they tell; the settings of an account know the version of their shape."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SEVERITIES = "('info', 'warning', 'critical')"


def upgrade() -> None:
    op.add_column(
        "accounts", sa.Column("settings_version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    _notifiers()
    _notices()
    _tellings()


def _notifiers() -> None:
    op.create_table(
        "notifiers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settings", sa.LargeBinary(), nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("least", sa.Text(), server_default=sa.text("'info'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("problem", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_notifiers_slug_form")),
        sa.CheckConstraint(f"least IN {_SEVERITIES}", name=op.f("ck_notifiers_least_known")),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_notifiers_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifiers")),
        sa.UniqueConstraint("slug", name=op.f("uq_notifiers_slug")),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("link", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"severity IN {_SEVERITIES}", name=op.f("ck_notices_severity_known")),
        sa.CheckConstraint("key <> '' AND title <> ''", name=op.f("ck_notices_says_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_index("ix_notices_at", "notices", ["at"], unique=False)


def _tellings() -> None:
    op.create_table(
        "tellings",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("notifier_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'told', 'failed')", name=op.f("ck_tellings_state_known")),
        sa.CheckConstraint("state <> 'failed' OR reason <> ''", name=op.f("ck_tellings_failed_with_reason")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_tellings_notice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notifier_id"], ["notifiers.id"], name=op.f("fk_tellings_notifier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "notifier_id", name=op.f("pk_tellings")),
    )
    op.create_index(
        "ix_tellings_waiting",
        "tellings",
        ["notifier_id", "next_try_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("tellings")
    op.drop_table("notices")
    op.drop_table("notifiers")
    op.drop_column("accounts", "settings_version")
