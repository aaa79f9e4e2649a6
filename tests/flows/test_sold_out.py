"""Sold out stays sold out: what is short is held and told as none, and nobody's units are taken back (L6, L2)."""

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.take_back import take_back
from hub.flows.stock.allocate import fill_waiting
from hub.kit.ids import uuid7
from hub.model.errors import InputError, OutOfStockError
from hub.model.incoming import IncomingOrder
from hub.model.orders.returns import Comeback, Disposition
from hub.store.db import Tx
from hub.store.returns import lines_out
from tests.builders import MAIN, NOON, line, open_shop, order, take
from tests.flows.test_bundles import gifts, refold, told
from tests.flows.test_take_orders import rows, stock

LINES = """
SELECT o.canceled_at IS NOT NULL, o.holds, l.allocated FROM orders o JOIN order_lines l ON l.order_id = o.id
ORDER BY o.number"""


async def test_c18_paid_but_out_of_stock_is_held_and_no_channel_is_told_less_than_none(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1})
    await take(tx, seller, order("till", line("MUG", 3, fulfilled=3)))
    taken = await take(tx, seller, order("paid", line("MUG", 2)))
    assert (taken.orders[0].holds, await stock(tx)) == (["oversold"], {"MUG": (-2, 0)})
    assert await told(tx, seller) == {"MUG": 0}


async def test_c18_a_negative_level_is_nobodys_stock_and_keeps_none_from_another_location(tx: Tx) -> None:
    seller = replace(await open_shop(tx, {"MUG": 1, "TEA": 4}), place="shop")
    await take(tx, seller, order("till", line("TEA", 1, fulfilled=1)))
    assert await told(tx, seller) == {"MUG": 1, "TEA": 3}
    with pytest.raises(OutOfStockError):
        await take(tx, replace(seller, place=None, promises=True), order("1", line("TEA", 4)))


def reopened(minute: int, *, canceled: bool = False) -> IncomingOrder:
    """The first order, as its channel shows it at that minute."""
    return order("first", line("MUG"), minute=minute, canceled=canceled)


@pytest.mark.parametrize("sold", [True, False])
async def test_c21_a_canceled_order_shown_as_open_again_takes_no_unit_back(tx: Tx, *, sold: bool) -> None:
    seller = await open_shop(tx, {"MUG": 1})
    await take(tx, seller, reopened(0))
    await take(tx, seller, reopened(1, canceled=True))
    if sold:
        await take(tx, seller, order("second", line("MUG"), minute=2))
    await take(tx, seller, reopened(3))
    await fill_waiting(tx, actor="hub", at=NOON)
    assert await rows(tx, LINES) == ([(True, [], 0), (False, [], 1)] if sold else [(True, [], 0)])
    assert await refold(tx) == []


async def test_c21_who_takes_a_canceled_order_anew_promises_anew_and_may_be_refused(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1}, promises=True)
    await take(tx, seller, reopened(0))
    await take(tx, seller, reopened(1, canceled=True), order("second", line("MUG"), minute=1))
    with pytest.raises(OutOfStockError):
        await take(tx, seller, order("anew", line("MUG"), minute=2))
    assert await rows(tx, LINES) == [(True, [], 0), (False, [], 1)]


async def test_c22_a_bundle_that_comes_back_brings_each_of_its_parts_back_once(tx: Tx) -> None:
    seller = await gifts(tx)
    number = (await take(tx, seller, order("1", line("GIFT", 3, fulfilled=3)))).orders[0].number
    (out,) = await lines_out(tx, number)
    back = Comeback(uuid7(), out.id, 2, Disposition.RESTOCK, MAIN)
    for _ in range(2):
        await take_back(tx, [back, back], actor="ada", at=NOON)
    assert (await stock(tx), await refold(tx)) == ({"MUG": (9, 0), "TEA": (8, 0)}, [])


async def test_c22_no_more_bundles_come_back_than_left(tx: Tx) -> None:
    seller = await gifts(tx)
    number = (await take(tx, seller, order("1", line("GIFT", 2, fulfilled=2)))).orders[0].number
    (out,) = await lines_out(tx, number)
    first = Comeback(uuid7(), out.id, 1, Disposition.RESTOCK, MAIN)
    await take_back(tx, [first], actor="ada", at=NOON)
    with pytest.raises(InputError, match="1 are out"):
        await take_back(tx, [replace(first, id=uuid7(), quantity=2)], actor="ada", at=NOON)
    assert await stock(tx) == {"MUG": (9, 0), "TEA": (8, 0)}


async def test_c22_a_bundle_made_of_something_else_since_brings_back_what_left(tx: Tx) -> None:
    seller = await gifts(tx)
    number = (await take(tx, seller, order("1", line("GIFT", 1, fulfilled=1)))).orders[0].number
    await tx.execute(text("UPDATE bundle_parts SET units = 5"))
    (out,) = await lines_out(tx, number)
    await take_back(tx, [Comeback(uuid7(), out.id, 1, Disposition.RESTOCK, MAIN)], actor="ada", at=NOON)
    assert await stock(tx) == {"MUG": (10, 0), "TEA": (10, 0)}
