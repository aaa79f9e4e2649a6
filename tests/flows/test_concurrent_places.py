"""Many people move and count stock at once: no unit is sent twice, no scan is lost, nobody waits in a circle."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest
from sqlalchemy import text

from hub.flows.stock.count_sheets import Plan, begin_count, enter_counts, post_count
from hub.flows.stock.receive_stock import Delivery, receive_stock
from hub.flows.stock.transfer_stock import Draft, Parcel, draft_transfer, receive_transfer, send_transfer
from hub.kit.ids import uuid7
from hub.model.errors import OutOfStockError
from hub.model.stock.counts import Entry
from hub.model.stock.lines import Units
from hub.store.db import Database
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, take

LEDGER = """
SELECT location, sum(on_hand_change), sum(allocated_change) FROM movements WHERE sku = 'MUG'
GROUP BY location ORDER BY location"""
LEVELS = "SELECT location, on_hand, allocated FROM levels WHERE sku = 'MUG' ORDER BY location"


@pytest.fixture
async def many(emptied_db_url: str) -> AsyncIterator[Database]:
    database = Database(emptied_db_url, pool_size=30, wait_s=300)
    yield database
    await database.close()


async def rows(db: Database, query: str) -> list[tuple[object, ...]]:
    async with db.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(query))]


async def together(*stories: Awaitable[object]) -> list[object]:
    async with asyncio.timeout(300):
        return list(await asyncio.gather(*stories))


async def drafted(db: Database, units: int, source: str = MAIN, target: str = SHOP) -> int:
    async with db.transaction() as tx:
        draft = Draft(uuid7(), source, target, [Units("MUG", units), Units("TEA", units)])
        return await draft_transfer(tx, draft, actor="ada", at=NOON)


async def sent(db: Database, number: int) -> bool:
    try:
        async with db.transaction() as tx:
            await send_transfer(tx, number, actor="ada", at=NOON)
    except OutOfStockError:
        return False
    return True


async def came(db: Database, number: int, parcel: Parcel) -> None:
    async with db.transaction() as tx:
        await receive_transfer(tx, number, parcel, actor="bob", at=NOON)


async def scanned(db: Database, number: int, entry: Entry) -> None:
    async with db.transaction() as tx:
        await enter_counts(tx, number, [entry], at=NOON)


async def posted(db: Database, number: int) -> int:
    async with db.transaction() as tx:
        return (await post_count(tx, number, reason="counted", actor="ada", at=NOON)).counted


async def test_units_are_sent_away_once_however_many_transfers_want_them(many: Database):
    async with many.transaction() as tx:
        await open_shop(tx, {"MUG": 10, "TEA": 10})
    numbers = [await drafted(many, 3) for _ in range(6)]
    assert (await together(*(sent(many, number) for number in numbers))).count(True) == 3
    assert await rows(many, LEVELS) == [(MAIN, 1, 0)]


async def test_a_parcel_told_by_many_at_once_arrives_once(many: Database):
    async with many.transaction() as tx:
        await open_shop(tx, {"MUG": 10, "TEA": 10})
    number = await drafted(many, 4)
    await together(*(sent(many, number) for _ in range(5)))
    parcel = Parcel(uuid7(), {"MUG": 3, "TEA": 4})
    await together(*(came(many, number, parcel) for _ in range(5)))
    assert await rows(many, LEVELS) == [(MAIN, 6, 0), (SHOP, 3, 0)]


async def test_a_delivery_told_by_many_at_once_is_received_once(many: Database):
    async with many.transaction() as tx:
        await open_shop(tx, {"MUG": 0})

    async def told() -> list[str]:
        async with many.transaction() as tx:
            delivery = Delivery(uuid7(), "DN-1", MAIN, [Units("MUG", 5)])
            return (await receive_stock(tx, [delivery], actor="ada", at=NOON)).repeated

    assert (await together(*(told() for _ in range(8)))).count([]) == 1
    assert await rows(many, LEVELS) == [(MAIN, 5, 0)]


async def test_scans_of_many_devices_at_once_are_all_counted_and_posted_once(many: Database):
    async with many.transaction() as tx:
        await open_shop(tx, {"MUG": 10})
        number = (await begin_count(tx, Plan(uuid7(), MAIN), actor="ada", at=NOON)).number
    entries = [Entry(uuid7(), "MUG", 1, adds=True) for _ in range(25)]
    await together(*(scanned(many, number, entry) for entry in [*entries, *entries]))
    assert (await together(*(posted(many, number) for _ in range(4)))).count(1) == 1
    assert await rows(many, LEVELS) == [(MAIN, 25, 0)]


async def test_transfers_both_ways_amid_orders_and_counts_never_wait_in_a_circle(many: Database):
    async with many.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 200, "TEA": 200})
        await receive_stock(
            tx, [Delivery(uuid7(), "DN-0", SHOP, [Units("TEA", 99), Units("MUG", 99)])], actor="ada", at=NOON
        )
        sheets = [(await begin_count(tx, Plan(uuid7(), MAIN), actor="ada", at=NOON)).number for _ in range(2)]
    numbers = [await drafted(many, 2, *ends) for ends in [(MAIN, SHOP), (SHOP, MAIN)] * 8]

    async def ordered(name: int) -> None:
        async with many.transaction() as tx:
            await take(tx, seller, order(str(name), line("TEA", 1), line("MUG", 2)))

    scans = [Entry(uuid7(), sku, 1, adds=True) for sku in ("MUG", "TEA") * 6]
    await together(
        *(sent(many, number) for number in numbers),
        *(ordered(name) for name in range(16)),
        *(scanned(many, sheets[place % 2], entry) for place, entry in enumerate(scans)),
    )
    await together(*(came(many, number, Parcel(uuid7())) for number in numbers), posted(many, sheets[0]))
    assert await rows(many, LEVELS) == await rows(many, LEDGER)
