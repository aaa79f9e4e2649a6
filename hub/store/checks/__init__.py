"""Every law a query can verify: each check is one statement that returns the rows that break it, and one that counts.

All of them look at one moment (`one_moment`: read-only, REPEATABLE READ), so that work in progress breaks nothing.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, text

from hub.store.checks.check import Check, Finding, Verdict
from hub.store.checks.listings import LISTINGS
from hub.store.checks.orders import ORDERS
from hub.store.checks.stock import STOCK
from hub.store.checks.write_backs import WRITE_BACKS
from hub.store.db import Database, Tx
from hub.store.tables.channels import inbox
from hub.store.tables.orders import orders
from hub.store.tables.stock import movements
from hub.store.tables.write_backs import write_backs

__all__ = ["CHECKS", "Check", "Finding", "Verdict", "one_moment", "run_checks"]

ROWS_MAX = 20


@asynccontextmanager
async def one_moment(db: Database) -> AsyncIterator[Tx]:
    """A read-only transaction in which every statement sees the database as of its begin."""
    async with db.engine.connect() as connection:
        tx = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with tx.begin():
            yield tx


async def run_checks(tx: Tx, *, at: datetime, late_s: float, checks: Sequence[Check] = ()) -> list[Finding]:
    """Run all checks, or those given, in their order; `late_s` is how long a thing may wait."""
    values = {"late_before": at - timedelta(seconds=late_s), "keys": [list(key) for key in _natural_keys()]}
    return [await _run(tx, check, values) for check in checks or CHECKS]


async def _run(tx: Tx, check: Check, values: dict[str, object]) -> Finding:
    counts = (await tx.execute(text(check.compared), _used(check.compared, values))).mappings().one()
    statement = f"SELECT * FROM ({check.broken}) broken LIMIT {ROWS_MAX + 1}"  # noqa: S608 -- constants only
    found = [dict(row) for row in (await tx.execute(text(statement), _used(statement, values))).mappings()]
    wrong = Verdict.LATE if check.only_late else Verdict.BROKEN
    verdict = wrong if found else Verdict.KEPT
    return Finding(check.name, check.law, verdict, dict(counts), found[:ROWS_MAX], more=len(found) > ROWS_MAX)


def _used(statement: str, values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _natural_keys() -> list[tuple[str, str]]:
    """Table and name of the constraints that make a repeat harmless (L1)."""
    return [
        (table.name, str(constraint.name))
        for table in (inbox, orders, movements, write_backs)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) > 1
    ]


CHECKS = (*STOCK, *ORDERS, *LISTINGS, *WRITE_BACKS)
