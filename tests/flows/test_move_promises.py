"""What a location no longer covers is promised from elsewhere, or its order is held: nobody picks an empty shelf."""

from sqlalchemy import text

from hub.flows.orders.pick import NewList, begin_picking
from hub.flows.orders.pick_short import Short, pick_short
from hub.flows.stock.adjust_stock import Count, count_stock
from hub.flows.stock.move_promises import move_promises
from hub.kit.ids import uuid7
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, put_stock, take
from tests.flows.test_batches import statements

STOCK = "SELECT location, on_hand, allocated FROM levels WHERE sku = 'MUG' ORDER BY location"
HELD = "SELECT channel_order_id, holds FROM orders WHERE holds <> '{}' ORDER BY number"
TOLD = "SELECT facts->>'location' FROM events WHERE kind = 'reallocated'"


async def shop(tx: Tx, *units: int, elsewhere: int) -> None:
    """Ten mugs at the main location and some at the shop, and orders of so many each, oldest first: a, b and so on."""
    seller = await open_shop(tx, {"MUG": 10})
    for at, each in enumerate(units):
        await take(tx, seller, order("abcd"[at], line("MUG", each), placed_at=NOON))
    await put_stock(tx, {"MUG": elsewhere}, SHOP)


async def counted(tx: Tx, units: int) -> None:
    await count_stock(tx, [Count("MUG", MAIN, units, "inventory", "count-1")], actor="ada", at=NOON)


async def answer(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


async def test_after_a_short_pick_the_orders_on_no_list_move_too(tx: Tx):
    await shop(tx, 1, 2, 3, elsewhere=9)
    made = await begin_picking(tx, NewList(uuid7(), MAIN, (), 1), elsewhere=(), actor="ada", at=NOON)
    await pick_short(tx, made.number, Short(uuid7(), "MUG", "not found"), actor="ada", at=NOON)
    await move_promises(tx, actor="hub", at=NOON)
    assert await answer(tx, STOCK) == [(MAIN, 0, 0), (SHOP, 9, 6)]
    assert (await answer(tx, HELD), await answer(tx, TOLD)) == ([], [(MAIN,), (MAIN,)])
    assert all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))


async def test_after_a_count_the_newest_promise_moves_and_the_oldest_stay(tx: Tx):
    await shop(tx, 2, 2, 3, elsewhere=9)
    await counted(tx, 5)
    await move_promises(tx, actor="hub", at=NOON)
    assert await answer(tx, STOCK) == [(MAIN, 5, 4), (SHOP, 9, 3)]


async def test_where_there_is_none_elsewhere_the_newest_order_is_held(tx: Tx):
    await shop(tx, 2, 2, 3, elsewhere=1)
    await counted(tx, 4)
    await move_promises(tx, actor="hub", at=NOON)
    assert await answer(tx, STOCK) == [(MAIN, 4, 4), (SHOP, 1, 1)]
    assert (await answer(tx, HELD), await move_promises(tx, actor="hub", at=NOON)) == (
        [("c", ["oversold"])],
        set(),
    )


async def test_an_order_that_is_being_picked_keeps_what_it_has(tx: Tx):
    await shop(tx, 2, elsewhere=9)
    await begin_picking(tx, NewList(uuid7(), MAIN, (), 1), elsewhere=(), actor="ada", at=NOON)
    await counted(tx, 0)
    assert await move_promises(tx, actor="hub", at=NOON) == set()
    assert await answer(tx, STOCK) == [(MAIN, 0, 2), (SHOP, 9, 0)]


async def test_many_orders_move_with_as_many_questions_as_one(tx: Tx):
    await shop(tx, 1, 1, 1, 1, elsewhere=9)
    asked = []
    for left in (3, 0):
        nested = await tx.begin_nested()
        await counted(tx, left)
        with statements(tx) as seen:
            await move_promises(tx, actor="hub", at=NOON)
        await nested.rollback()
        asked.append(len(seen))
    assert asked[0] == asked[1] > 0
