"""Transfers that have something left, events by who did it, and rows of a statement that were known."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_KNOWN, _REASON = "ck_import_lines_outcome_known", "ck_import_lines_{}_with_reason"


def upgrade() -> None:
    op.create_index("ix_events_actor", "events", ["actor", "id"])
    op.add_column(
        "bank_transfers", sa.Column("matched", sa.Numeric(), server_default=sa.text("0"), nullable=False)
    )
    op.execute(
        "UPDATE bank_transfers t SET matched = s.matched FROM (SELECT m.transfer_id, sum(p.amount) AS matched"
        " FROM bank_matches m JOIN payments p ON p.id = m.payment_id WHERE m.undone_at IS NULL GROUP BY 1) s"
        " WHERE s.transfer_id = t.id"
    )
    left = sa.text("set_aside_at IS NULL AND matched < amount")
    op.create_index("ix_bank_transfers_left", "bank_transfers", ["id"], postgresql_where=left)
    _line_checks("refused", "unwritten", "'new', 'changed', 'unchanged', 'refused'", "'unchanged', 'refused'")


def _line_checks(was: str, name: str, outcomes: str, unwritten: str) -> None:
    op.drop_constraint(op.f(_KNOWN), "import_lines")
    op.drop_constraint(op.f(_REASON.format(was)), "import_lines")
    op.create_check_constraint(op.f(_KNOWN), "import_lines", f"outcome IN ({outcomes})")
    op.create_check_constraint(
        op.f(_REASON.format(name)), "import_lines", f"(outcome IN ({unwritten})) = (why <> '')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM import_lines WHERE outcome = 'unchanged'")
    _line_checks("unwritten", "refused", "'new', 'changed', 'refused'", "'refused'")
    op.drop_index("ix_bank_transfers_left", "bank_transfers")
    op.drop_column("bank_transfers", "matched")
    op.drop_index("ix_events_actor", "events")
