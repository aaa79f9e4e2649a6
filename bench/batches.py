"""Orders in batches, steps 1 to 7, and the proof afterwards that all of the work was done."""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter, process_time

import psycopg
from msgspec import Struct

from bench.orders import LINES
from bench.shop import channel_rows
from hub.channels.context import HubContext
from hub.channels.intake import arrive, take_waiting
from hub.channels.opening import OpenedChannel, open_channel
from hub.kit.clock import now

PAGE = 100  # orders in one page of a poll

Progress = Callable[[int], object]


class Timed(Struct, frozen=True):
    """`python_s` is the part of it that this process computed; the rest it waited for PostgreSQL."""

    seconds: float
    python_s: float


async def arrive_all(ctx: HubContext, bodies: Sequence[bytes], progress: Progress) -> Timed:
    """Step 1: keep the raw messages, page by page, the channels in turn."""
    rows = await channel_rows(ctx)
    started, computed = perf_counter(), process_time()
    for number, start in enumerate(range(0, len(bodies), PAGE)):
        row = rows[number % len(rows)]
        page = b"[" + b",".join(bodies[start : start + PAGE]) + b"]"
        messages = ctx.registry.connector(row.kind).split_file(page)
        await arrive(ctx, row, messages, source="poll", at=now())
        progress(len(messages))
    return Timed(perf_counter() - started, process_time() - computed)


async def take_all(ctx: HubContext, *, batch: int, progress: Progress) -> Timed:
    """Steps 2 to 7, one transaction a batch; the channels side by side, as one worker takes them."""
    opened = [open_channel(ctx, row) for row in await channel_rows(ctx)]
    started, computed = perf_counter(), process_time()

    async def take(channel: OpenedChannel) -> None:
        while (done := await take_waiting(ctx, channel, at=now(), limit=batch)).messages:
            progress(done.messages)

    await asyncio.gather(*map(take, opened))
    return Timed(perf_counter() - started, process_time() - computed)


_PROOFS = {
    "orders": "SELECT count(*) FROM orders",
    "lines": "SELECT count(*) FROM order_lines",
    "messages taken": "SELECT count(*) FROM inbox WHERE state = 'taken' AND order_id IS NOT NULL",
    "messages in another state": "SELECT count(*) FROM inbox WHERE state <> 'taken'",
    "orders held": "SELECT count(*) FROM orders WHERE holds <> '{}'",
    "lines not promised whole": "SELECT count(*) FROM order_lines WHERE allocated <> quantity OR sku IS NULL",
    "amounts that do not add up": "SELECT count(*) FROM orders WHERE difference <> 0",
    "events": "SELECT count(*) FROM events WHERE kind = 'taken'",
    "promises in the ledger": "SELECT count(*) FROM movements WHERE kind = 'allocation'",
    "levels unlike their ledger": """SELECT count(*) FROM levels v FULL JOIN (
        SELECT sku, location, sum(on_hand_change) AS on_hand, sum(allocated_change) AS allocated FROM movements
        GROUP BY sku, location) m USING (sku, location)
        WHERE (v.on_hand, v.allocated) IS DISTINCT FROM (m.on_hand, m.allocated)""",
    "listings sold and not marked": """SELECT count(*) FROM publications p JOIN listings l ON l.id = p.listing_id
        WHERE p.version <= p.confirmed_version AND l.sku IN (SELECT sku FROM order_lines)""",
}


def prove(connection: psycopg.Connection, orders: int) -> None:
    """Refuse figures of work that was not done."""
    wanted = {"orders": orders, "lines": orders * LINES, "messages taken": orders, "events": orders}
    wanted["promises in the ledger"] = orders * LINES
    for what, query in _PROOFS.items():
        (found,) = connection.execute(query.encode()).fetchone() or (None,)
        if found != wanted.get(what, 0):
            message = f"the bench is wrong: {what} are {found}, not {wanted.get(what, 0)}"
            raise RuntimeError(message)
