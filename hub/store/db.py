"""The engine, and the one place where a transaction begins; the edges own it, flows and queries only use it."""

import select
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, IntegrityError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hub.model.errors import HubError, StaleError
from hub.store.arrays import write_lists_fast

DEADLOCK = "40P01"  # PostgreSQL, appendix A
PREPARED_AFTER = 1  # to plan what a listing shows takes PostgreSQL 30 ms, and to work it out one
PREPARED_MAX = 500
# What is worked with lies in memory: rows are cheap to fetch by their keys. PostgreSQL's 4 is that of turning disks.
PAGE_COST = "SET random_page_cost = 1.1"

Tx = AsyncConnection
_encode = msgspec.json.Encoder(decimal_format="string").encode


class RefusedRowsError(HubError):
    """A rule of the database refuses these rows; the message names the rule and no values."""


class Database:
    """Wraps one engine; `transaction()` commits at the end of the block or rolls everything back."""

    def __init__(self, url: str, *, pool_size: int = 10, wait_s: float = 30) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=wait_s,
            pool_use_lifo=True,  # few connections do nearly all, and know the plan of nearly everything
            hide_parameters=True,
            connect_args={"prepare_threshold": PREPARED_AFTER},
        )
        event.listen(self.engine.sync_engine, "connect", _prepare)
        event.listen(self.engine.sync_engine, "checkout", _refuse_the_dead)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        with _told_plainly():
            async with self.engine.begin() as tx:
                yield tx

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Tx]:
        """Each statement is a transaction: for locks that outlive it, for reading, and for what stands by itself."""
        with _told_plainly():
            async with self.engine.connect() as connection:
                yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def is_up(self) -> bool:
        async with self.session() as session:
            return bool(await session.scalar(text("SELECT true")))

    async def close(self) -> None:
        await self.engine.dispose()


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except (DataError, IntegrityError) as error:
        msg = f"the database refuses it: {_rule_of(error)}"
        raise RefusedRowsError(msg) from error
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != DEADLOCK:
            raise
        msg = "two changes at the same moment waited for each other, and this one was given up: try again"
        raise StaleError(msg) from error


@asynccontextmanager
async def undone(tx: Tx) -> AsyncIterator[None]:
    """Run the block to see what it would do; when it ends, nothing of it has happened."""
    savepoint = await tx.begin_nested()
    try:
        yield
    finally:
        await savepoint.rollback()


PLANNED_ONCE = "(SELECT set_config('plan_cache_mode', 'force_generic_plan', true))"
"""In a column of a statement: from the first row it returns, its transaction uses the one plan that the connection made
of each statement.

For few rows, and for statements whose plan suits many as well: to plan for its values takes PostgreSQL up to 30 ms a
statement. A plan that was made of empty tables reads them whole until they are analyzed, which many rows feel.
"""


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    driver = connection.driver_connection
    driver.prepared_max = PREPARED_MAX
    write_lists_fast(driver)
    cursor = connection.cursor()
    cursor.execute(PAGE_COST)
    cursor.close()
    connection.commit()


def _refuse_the_dead(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """A server sends nothing unasked but its farewell: to look whether something came takes no round trip."""
    poll = select.poll()
    poll.register(connection.driver_connection.pgconn.socket, select.POLLIN)
    if poll.poll(0):
        msg = "the server has ended the connection"
        raise InvalidatePoolError(msg)


def _rule_of(error: DataError | IntegrityError) -> str:
    """The first line of the database's message: the values stand in the others."""
    return str(error.orig).splitlines()[0] if error.orig else type(error).__name__


def page(rows: object) -> str:
    """Encode a batch as the one json parameter a statement reads with json_to_recordset; amounts stay exact."""
    return _encode(rows).decode()
