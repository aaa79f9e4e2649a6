"""Rules that ask for an adaptive buffer, and what was worked out for each listing."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_SAYS = "num_nonnulls(buffer, buffer_percent, {}cap, allotment, minimum, locations) > 0"
_SAYS_SOMETHING = "ck_visibility_rules_says_something"
_CHECKS = {
    "ck_visibility_rules_risk_possible": "risk_percent > 0 AND risk_percent < 100",
    "ck_visibility_rules_buffer_max_of_a_risk": "buffer_max IS NULL OR buffer_max >= 0 AND risk_percent IS NOT NULL",
}


def upgrade() -> None:
    op.add_column("visibility_rules", sa.Column("risk_percent", sa.Float(), nullable=True))
    op.add_column("visibility_rules", sa.Column("buffer_max", sa.Integer(), nullable=True))
    op.drop_constraint(op.f(_SAYS_SOMETHING), "visibility_rules")
    checks = {_SAYS_SOMETHING: _SAYS.format("risk_percent, "), **_CHECKS}
    for name, rule in checks.items():
        op.create_check_constraint(op.f(name), "visibility_rules", rule)
    op.create_table(
        "adaptive_buffers",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("risk_percent", sa.Float(), nullable=False),
        sa.Column("buffer_max", sa.Integer(), nullable=True),
        sa.Column("buffer", sa.Integer(), nullable=True),
        sa.Column("thin", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sells_a_day", sa.Float(), nullable=False),
        sa.Column("told_s", sa.Float(), nullable=False),
        sa.Column("chance_percent", sa.Float(), nullable=False),
        sa.Column("costs_a_week", sa.Float(), nullable=False),
        sa.Column("worked_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(buffer IS NULL) = (thin <> '')", name=op.f("ck_adaptive_buffers_known_or_thin")),
        sa.CheckConstraint("buffer >= 0", name=op.f("ck_adaptive_buffers_buffer_not_negative")),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_adaptive_buffers_listing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_adaptive_buffers")),
    )


def downgrade() -> None:
    op.drop_table("adaptive_buffers")
    said = _SAYS.format("")  # a rule that only asked for a risk is left with nothing to say
    op.execute(f"DELETE FROM visibility_rules WHERE NOT ({said})")  # noqa: S608 -- constants only
    for name in (*_CHECKS, _SAYS_SOMETHING):
        op.drop_constraint(op.f(name), "visibility_rules")
    op.create_check_constraint(op.f(_SAYS_SOMETHING), "visibility_rules", _SAYS.format(""))
    op.drop_column("visibility_rules", "buffer_max")
    op.drop_column("visibility_rules", "risk_percent")
