"""By when an order leaves is promised once, shown as late once, and decides what is picked first."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.fulfillment.keep_time import set_handling, tell_late
from hub.flows.orders.pick import NewList, begin_picking
from hub.flows.orders.split import Split, split_orders
from hub.flows.orders.take_orders import Seller
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.fulfillment.ship_by import Handling
from hub.store.db import Tx
from hub.store.fulfillment.ship_by import count_late
from tests.builders import MAIN, NOON, VAULT, line, open_shop, order, take

A_DAY = Handling(24, days=(1, 2, 3, 4, 5, 6, 7))
SOON, LATER = NOON + timedelta(hours=1), NOON + timedelta(hours=25)


async def shop(tx: Tx) -> Seller:
    return replace(await open_shop(tx, {"MUG": 9}), handling=A_DAY)


async def promised(tx: Tx) -> list[object]:
    """By when each order leaves, in hours after noon."""
    found = await tx.execute(text("SELECT ship_by FROM orders ORDER BY number"))
    return [each and (each - NOON) / timedelta(hours=1) for each in found.scalars()]


async def test_the_channels_word_comes_before_its_handling_time_and_a_promise_stays(tx: Tx):
    seller = await shop(tx)
    await take(tx, seller, order("1"), order("2", ship_by=SOON))
    await take(tx, replace(seller, handling=Handling(48)), order("1", minute=1), order("2", minute=1))
    assert await promised(tx) == [24, 1]
    await take(tx, seller, order("1", minute=2, ship_by=SOON))
    assert await promised(tx) == [1, 1]


async def test_open_orders_get_their_time_when_it_is_first_set(tx: Tx):
    seller = replace(await shop(tx), handling=Handling())
    await take(tx, seller, order("1"), order("2", ship_by=SOON), order("3", line("MUG", fulfilled=1)))
    assert await set_handling(tx, seller.id, A_DAY, actor="ada", at=NOON) == 1
    assert await promised(tx) == [24, 1, None]
    for zone in ("Mars", "right/Europe/Berlin"):  # Python may know the second, the database does not
        with pytest.raises(InputError, match="no time zone"):
            await set_handling(tx, seller.id, Handling(1, time_zone=zone), actor="ada", at=NOON)


async def test_an_order_that_is_late_is_told_once_until_it_is_promised_anew(tx: Tx):
    seller = await shop(tx)
    await take(
        tx, seller, order("1"), order("2"), order("3", line("MUG", fulfilled=1)), order("4", canceled=True)
    )
    await tx.execute(text("UPDATE orders SET holds = '{payment}' WHERE channel_order_id = '2'"))
    for at in (SOON, LATER, LATER):
        await tell_late(tx, at=at)
    await take(tx, seller, order("1", minute=1, ship_by=LATER + timedelta(hours=1)))
    assert await count_late(tx, at=LATER) == 0
    await tell_late(tx, at=LATER + timedelta(hours=2))
    titles = await tx.execute(text("SELECT title FROM notices WHERE topic = 'orders.late'"))
    assert [title.partition(":")[0] for title in titles.scalars()] == ["1 order is late"] * 2


async def test_what_must_leave_first_is_picked_first(tx: Tx):
    seller = replace(await shop(tx), handling=Handling())
    await take(tx, seller, order("1"), order("2", ship_by=LATER), order("3", ship_by=SOON))
    for _ in range(3):
        await begin_picking(tx, NewList(uuid7(), MAIN, limit=1), elsewhere=[], actor="ada", at=NOON)
    picked = await tx.execute(
        text("""
        SELECT o.channel_order_id FROM pick_lists t JOIN pick_lines k ON k.list_id = t.id
        JOIN order_lines l ON l.id = k.order_line_id JOIN orders o ON o.id = l.order_id ORDER BY t.number""")
    )
    assert list(picked.scalars()) == ["3", "2", "1"]


async def test_what_is_split_off_must_leave_as_soon(tx: Tx):
    seller = await shop(tx)
    taken = await take(tx, seller, order("1", line("MUG", 2)))
    apart = Split(uuid7(), taken.orders[0].number, {"MUG": 1})
    await split_orders(tx, VAULT, [apart], ours={"web"}, actor="ada", at=NOON)
    assert await promised(tx) == [24, 24]
