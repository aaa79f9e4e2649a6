"""The first limit: the very rows that intake wrote, by COPY into the same tables, with every index and constraint.

COPY gets what intake has to work for: finished rows, in order, encoded already. It does none of the updates (inbox,
levels, publications) and reads nothing.
"""

from collections.abc import Mapping
from time import perf_counter

import psycopg
from msgspec import Struct

# Each query is cut by the order numbers of one batch, parents first. Ids grow with time, so the customers of a batch
# are those up to the last one its orders name; what was written beside them goes with the next batch.
_ROWS = {
    "customers": """SELECT * FROM customers WHERE id::text > {known} AND id::text <= {met} ORDER BY identity""",
    "orders": "SELECT * FROM orders WHERE number > {after} AND number <= {upto} ORDER BY number",
    "order_lines": """SELECT l.* FROM order_lines l JOIN orders o ON o.id = l.order_id
        WHERE o.number > {after} AND o.number <= {upto} ORDER BY l.id""",
    "movements": """SELECT m.* FROM movements m JOIN order_lines l ON l.id = m.order_line_id
        JOIN orders o ON o.id = l.order_id WHERE o.number > {after} AND o.number <= {upto} ORDER BY m.id""",
    "events": """SELECT e.* FROM events e JOIN orders o ON o.id = e.order_id
        WHERE o.number > {after} AND o.number <= {upto} ORDER BY e.id""",
}
TABLES = tuple(_ROWS)


class Part(Struct, frozen=True):
    """What one transaction of intake wrote into one table, as COPY takes it."""

    table: str
    rows: bytes


class Rows(Struct, frozen=True):
    """All that intake wrote, batch after batch, and by table the number of rows and a sum over all their values."""

    batches: list[list[Part]]
    fingerprints: dict[str, tuple[int, int]]


def read(connection: psycopg.Connection, *, batch: int) -> Rows:
    """Read what intake wrote; numbers without an order (rolled back) would only make batches smaller."""
    lowest, highest = connection.execute("SELECT min(number) - 1, max(number) FROM orders").fetchone() or (
        0,
        0,
    )
    batches, known = [], "''"
    for after in range(lowest, highest, batch):
        met = _last_customer(connection, after + batch) if after + batch < highest else "'z'"
        cut = {"after": after, "upto": after + batch, "known": known, "met": met}
        batches.append([_part(connection, table, cut) for table in TABLES])
        known = met
    return Rows(batches, _fingerprints(connection))


def _last_customer(connection: psycopg.Connection, upto: int) -> str:
    query = f"SELECT quote_literal(coalesce(max(customer_id::text), '')) FROM orders WHERE number <= {upto}"
    (literal,) = connection.execute(query.encode()).fetchone() or ("''",)
    return str(literal)


def _part(connection: psycopg.Connection, table: str, cut: Mapping[str, object]) -> Part:
    query = _ROWS[table].format_map(cut)
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as copy:
        return Part(table, b"".join(bytes(chunk) for chunk in copy))


def write(connection: psycopg.Connection, rows: Rows) -> float:
    """Write everything, one transaction for each batch; return the seconds. Raises where other rows came out."""
    started = perf_counter()
    cursor = connection.cursor()
    for batch in rows.batches:
        with connection.transaction():
            for part in batch:
                with cursor.copy(f"COPY {part.table} FROM STDIN".encode()) as copy:
                    copy.write(part.rows)
    seconds = perf_counter() - started
    if _fingerprints(connection) != rows.fingerprints:
        message = "the bench is wrong: COPY did not write the rows that intake wrote"
        raise RuntimeError(message)
    return seconds


def _fingerprints(connection: psycopg.Connection) -> dict[str, tuple[int, int]]:
    return {table: _fingerprint(connection, table) for table in TABLES}


def _fingerprint(connection: psycopg.Connection, table: str) -> tuple[int, int]:
    only = "WHERE order_line_id IS NOT NULL" if table == "movements" else ""
    only = "WHERE order_id IS NOT NULL" if table == "events" else only
    query = f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t {only}"
    count, total = connection.execute(query.encode()).fetchone() or (0, 0)
    return int(count), int(total)
