"""The settings of the checks: a row only where the retailer has changed one; all others do as usual."""

from datetime import datetime

from sqlalchemy import text

from hub.model.review.checks import USUAL, Check, Does, Setting
from hub.store.db import Tx, page

_ALL = text('SELECT "check", does, figure FROM review_checks')


async def all_settings(tx: Tx) -> list[Setting]:
    """Each check there is, in the order of the model."""
    said = {
        Check(check): Setting(Check(check), Does(does), figure)
        for check, does, figure in await tx.execute(_ALL)
    }
    return [said.get(check, usual) for check, usual in USUAL.items()]


_PUT = text("""
INSERT INTO review_checks ("check", does, figure, changed_at)
SELECT "check", does, figure, :at FROM jsonb_to_recordset(CAST(:page AS jsonb))
  AS x("check" text, does text, figure numeric) ORDER BY "check"
ON CONFLICT ("check") DO UPDATE SET does = excluded.does, figure = excluded.figure, changed_at = excluded.changed_at""")


async def put_settings(tx: Tx, settings: list[Setting], *, at: datetime) -> None:
    await tx.execute(_PUT, {"page": page(settings), "at": at})
