"""A list takes off the shelves what is promised, each unit for one order; what is not there is no promise any more."""

from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.orders.pick import NewList, begin_picking, drop_list, enter_picks, put_back
from hub.flows.orders.pick_short import Short, ShortPicked, pick_short
from hub.flows.orders.ship import ship
from hub.flows.orders.take_orders import Seller
from hub.flows.stock.set_components import set_components
from hub.flows.stock.set_shelves import set_shelves
from hub.kit.ids import uuid7
from hub.model.errors import InputError, WrongStateError
from hub.model.orders.picking import Entry
from hub.model.orders.shipping import Parcel
from hub.model.stock.bundles import Kind, Recipe
from hub.store import picking
from hub.store.api.picking import PickRow, list_of, pick_rows
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.picking import Shelved
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, put_stock, take

STOCK = "SELECT location, on_hand, allocated FROM levels WHERE sku = 'MUG' ORDER BY location"
PICKED = "SELECT sum(quantity - shipped - short - put_back) FROM pick_lines"


async def shop(tx: Tx, *orders: int, stock: int = 10) -> Seller:
    """Mugs at the main location, and orders of so many of them each, oldest first: a, b and so on."""
    seller = await open_shop(tx, {"MUG": stock, "TEA": stock})
    for at, units in enumerate(orders):
        await take(tx, seller, order("abc"[at], line("MUG", units), placed_at=NOON))
    return seller


async def begin(tx: Tx, *numbers: int, limit: int = 20, list_id: UUID | None = None) -> int:
    new = NewList(list_id or uuid7(), MAIN, numbers, limit)
    return (await begin_picking(tx, new, elsewhere=(), actor="ada", at=NOON)).number


async def enter(tx: Tx, number: int, sku: str = "MUG", units: int = 1) -> None:
    await enter_picks(tx, number, [Entry(uuid7(), sku, units, "ada")], at=NOON)


async def not_there(tx: Tx, number: int, *, shelf_is_empty: bool = True) -> ShortPicked:
    short = Short(uuid7(), "MUG", "not found", shelf_is_empty)
    return await pick_short(tx, number, short, actor="ada", at=NOON)


async def rows_of(tx: Tx, number: int) -> list[tuple[str, int, int, int]]:
    return [(each.sku, each.needed, each.picked, each.surplus) for each in await pick_rows(tx, number)]


async def answer(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


async def test_a_list_is_made_once_and_asks_for_what_is_promised(tx: Tx) -> None:
    await shop(tx, 3, 2)
    list_id = uuid7()
    first, again = [await begin(tx, list_id=list_id) for _ in range(2)]
    assert (first, await rows_of(tx, first)) == (again, [("MUG", 3, 0, 0), ("MUG", 2, 0, 0)])
    assert await answer(tx, PICKED) == [(5,)]


async def test_what_is_on_a_list_is_on_no_other(tx: Tx) -> None:
    await shop(tx, 3, 2)
    await begin(tx, limit=1)
    assert await rows_of(tx, await begin(tx)) == [("MUG", 2, 0, 0)]
    with pytest.raises(WrongStateError, match="nothing is to be picked"):
        await begin(tx)


async def test_a_held_order_and_one_that_lacks_something_wait_unless_named(tx: Tx) -> None:
    await shop(tx, 3, 9)
    await tx.execute(text("UPDATE orders SET holds = '{payment}' WHERE channel_order_id = 'a'"))
    with pytest.raises(WrongStateError):
        await begin(tx)
    ((second,),) = await answer(tx, "SELECT number FROM orders WHERE channel_order_id = 'b'")
    assert isinstance(second, int)
    assert await rows_of(tx, await begin(tx, second)) == [("MUG", 7, 0, 0)]


async def test_a_list_follows_the_shelves(tx: Tx) -> None:
    seller = await shop(tx)
    await take(tx, seller, order("a", line("MUG"), line("TEA")))
    await set_shelves(tx, [Shelved("MUG", MAIN, "B-1"), Shelved("TEA", MAIN, "A-7")], actor="ada", at=NOON)
    found: list[PickRow] = await pick_rows(tx, await begin(tx))
    assert [(each.shelf, each.sku) for each in found] == [("A-7", "TEA"), ("B-1", "MUG")]


async def test_a_scan_serves_the_oldest_promise_and_counts_once(tx: Tx) -> None:
    await shop(tx, 2, 2)
    number, scan = await begin(tx), Entry(uuid7(), "MUG", 3)
    for _ in range(2):
        await enter_picks(tx, number, [scan], at=NOON)
    assert await rows_of(tx, number) == [("MUG", 2, 2, 0), ("MUG", 2, 1, 0)]


@pytest.mark.parametrize(
    ("sku", "units", "says"),
    [
        ("TEA", 1, "not on this list"),
        ("MUG", 4, "more than the list asks"),
        ("MUG", -1, "cannot be put back"),
    ],
)
async def test_a_wrong_scan_is_told_and_changes_nothing(tx: Tx, sku: str, units: int, says: str) -> None:
    await shop(tx, 3)
    number = await begin(tx)
    with pytest.raises(InputError, match=says):
        await enter(tx, number, sku, units)
    assert await rows_of(tx, number) == [("MUG", 3, 0, 0)]


async def test_what_is_not_there_leaves_the_books_and_is_promised_from_elsewhere(tx: Tx) -> None:
    await shop(tx, 3, 2)
    await put_stock(tx, {"MUG": 1}, SHOP)
    number = await begin(tx)
    await enter(tx, number, units=4)
    done = await not_there(tx, number)
    assert (done.missing, done.change) == (1, -6)
    assert await answer(tx, STOCK) == [(MAIN, 4, 4), (SHOP, 1, 1)]
    assert all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))


async def test_where_there_is_none_elsewhere_the_order_is_held(tx: Tx) -> None:
    await shop(tx, 3)
    done = await not_there(tx, await begin(tx))
    assert (done.change, await answer(tx, STOCK)) == (-10, [(MAIN, 0, 0)])
    assert await answer(tx, "SELECT holds FROM orders") == [(["oversold"],)]
    assert await answer(tx, "SELECT state FROM pick_lists") == [("done",)]


async def test_an_order_that_lacks_another_line_stays_held_where_this_one_comes_from_elsewhere(
    tx: Tx,
) -> None:
    seller = await open_shop(tx, {"MUG": 2, "TEA": 1})
    await put_stock(tx, {"MUG": 2}, SHOP)
    await take(tx, seller, order("a", line("MUG", 2), line("TEA", 3), placed_at=NOON))
    ((number,),) = await answer(tx, "SELECT number FROM orders")
    assert isinstance(number, int)
    await not_there(tx, await begin(tx, number))
    assert await answer(tx, STOCK) == [(MAIN, 0, 0), (SHOP, 2, 2)]
    assert await answer(tx, "SELECT holds FROM orders") == [(["oversold"],)]


async def test_where_only_some_are_damaged_the_others_are_promised_and_picked_next(tx: Tx) -> None:
    await shop(tx, 3)
    number = await begin(tx)
    await enter(tx, number, units=1)
    done = await not_there(tx, number, shelf_is_empty=False)
    assert (done.change, await answer(tx, STOCK)) == (-2, [(MAIN, 8, 3)])
    assert await rows_of(tx, number) == [("MUG", 1, 1, 0)]


async def test_saying_so_again_changes_nothing(tx: Tx) -> None:
    await shop(tx, 3, 2)
    number = await begin(tx)
    await enter(tx, number, units=3)
    changes = [(await not_there(tx, number)).change for _ in range(2)]
    assert (changes, await answer(tx, STOCK)) == ([-7, 0], [(MAIN, 3, 3)])


async def test_the_other_parts_of_a_bundle_that_is_short_are_put_back(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9, "TEA": 9, "GIFT": 0})
    await set_components(tx, [Recipe("GIFT", Kind.BUNDLE, {"MUG": 1, "TEA": 2})], actor="ada", at=NOON)
    await take(tx, seller, order("a", line("GIFT", 2)))
    number = await begin(tx)
    await enter(tx, number, "TEA", 4)
    await enter(tx, number, "MUG", 1)
    await not_there(tx, number)
    assert await rows_of(tx, number) == [("MUG", 1, 1, 0), ("TEA", 2, 4, 2)]
    assert await put_back(tx, number, actor="ada", at=NOON) == 2


async def test_an_order_canceled_while_it_is_picked_is_shown_and_its_units_go_back(tx: Tx) -> None:
    seller = await shop(tx, 3, 1)
    number = await begin(tx)
    await enter(tx, number, units=3)
    await take(tx, seller, order("a", line("MUG", 3), minute=5, canceled=True))
    assert (await list_of(tx, number)).changed == 1
    assert await rows_of(tx, number) == [("MUG", 0, 3, 3), ("MUG", 1, 0, 0)]
    assert await put_back(tx, number, actor="ada", at=NOON) == 3
    assert await answer(tx, PICKED) == [(1,)]


async def test_an_order_of_which_less_is_wanted_meanwhile_asks_for_less(tx: Tx) -> None:
    seller = await shop(tx, 3)
    number = await begin(tx)
    await take(tx, seller, order("a", line("MUG", 1), minute=5))
    assert await rows_of(tx, number) == [("MUG", 1, 0, 0)]


async def test_what_leaves_is_being_picked_no_more_and_the_list_is_done(tx: Tx) -> None:
    await shop(tx, 3)
    ((order_id, of_it),) = await answer(tx, "SELECT id, number FROM orders")
    number = await begin(tx)
    await enter(tx, number, units=2)
    assert list((await picking.being_picked(tx, [order_id])).values()) == [3]  # type: ignore[list-item]
    await ship(tx, [Parcel(uuid7(), int(str(of_it)), location=MAIN)], elsewhere=set(), actor="ada", at=NOON)
    assert (await picking.being_picked(tx, [order_id]), (await list_of(tx, number)).state) == ({}, "done")  # type: ignore[list-item]


async def test_what_leaves_by_its_channels_word_is_being_picked_no_more_and_the_list_is_done(tx: Tx) -> None:
    seller = await shop(tx, 3)
    number = await begin(tx)
    await enter(tx, number, units=3)
    await take(tx, seller, order("a", line("MUG", 3, fulfilled=1), minute=5))
    assert await rows_of(tx, number) == [("MUG", 2, 2, 0)]
    await take(tx, seller, order("a", line("MUG", 3, fulfilled=3), minute=6))
    assert (await answer(tx, PICKED), (await list_of(tx, number)).state) == ([(0,)], "done")


async def test_c48_a_list_that_is_given_up_leaves_the_promise_and_a_cancel_then_leaves_nothing(
    tx: Tx,
) -> None:
    seller = await shop(tx, 3)
    number = await begin(tx)
    await enter(tx, number, units=2)
    await drop_list(tx, number, actor="ada", at=NOON)
    assert (await answer(tx, PICKED), await answer(tx, STOCK)) == ([(0,)], [(MAIN, 10, 3)])
    await take(tx, seller, order("a", line("MUG", 3), minute=5, canceled=True))
    assert await answer(tx, STOCK) == [(MAIN, 10, 0)]
    assert await answer(tx, "SELECT allocated, backordered FROM order_lines") == [(0, 0)]
