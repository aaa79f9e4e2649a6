"""The settings of the checks: a row only where the retailer has changed one; all others do as usual."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import Struct
from sqlalchemy import text

from hub.model.review.checks import USUAL, Does, Setting
from hub.store.db import Tx, page

_ALL = text('SELECT "check", does, CAST(figure AS text) FROM review_checks')


async def all_settings(tx: Tx) -> list[Setting]:
    """Each check there is, in the order of the model."""
    return settled([tuple(row) for row in await tx.execute(_ALL)])


def settled(rows: Iterable[Sequence[str]]) -> list[Setting]:
    """What was said of some checks, and the usual of all others."""
    said = {row[0]: msgspec.convert(list(row), _Row) for row in rows}
    return [
        Setting(check, said[check].does, said[check].figure) if check in said else usual
        for check, usual in USUAL.items()
    ]


class _Row(Struct, frozen=True, array_like=True):
    check: str
    does: Does
    figure: Decimal | None


_PUT = text("""
INSERT INTO review_checks ("check", does, figure, changed_at)
SELECT "check", does, figure, :at FROM json_to_recordset(CAST(:page AS json))
  AS x("check" text, does text, figure numeric) ORDER BY "check"
ON CONFLICT ("check") DO UPDATE SET does = excluded.does, figure = excluded.figure, changed_at = excluded.changed_at""")


async def put_settings(tx: Tx, settings: list[Setting], *, at: datetime) -> None:
    await tx.execute(_PUT, {"page": page(settings), "at": at})
