"""What a customer collects waits, leaves once without a carrier, or gives its stock back when nobody comes."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.flows.fulfillment.collect import give_back, hand_over, make_ready, tell_overdue
from hub.flows.orders.hold import resolve_holds
from hub.flows.orders.ship import Shipped, ship
from hub.flows.orders.take_orders import Seller
from hub.kit.ids import uuid7
from hub.model.errors import WrongStateError
from hub.model.fulfillment.pickup import NOT_COLLECTED, HandOver, Ready
from hub.model.incoming import Pickup
from hub.model.orders.shipping import Parcel
from hub.store.db import Tx
from hub.store.fulfillment.pickups import ToCollect, to_collect
from tests.builders import MAIN, NOON, VAULT, line, open_shop, order, take
from tests.flows.test_batches import statements

WEEK = NOON + timedelta(days=7)
NOWHERE: frozenset[str] = frozenset()


async def ordered(tx: Tx, count: int = 1) -> tuple[Seller, list[int]]:
    seller = await open_shop(tx, {"MUG": 300})
    taken = await take(
        tx, seller, *(order(str(each), line("MUG", 2), pickup=Pickup()) for each in range(count))
    )
    return seller, [each.number for each in taken.orders]


async def ready(tx: Tx, *numbers: int) -> None:
    wanted = [Ready(number, "0417", WEEK) for number in numbers]
    await make_ready(tx, wanted, elsewhere=NOWHERE, actor="ada", at=NOON)


async def give(tx: Tx, *given: HandOver) -> Shipped:
    return await hand_over(tx, VAULT, given, elsewhere=NOWHERE, actor="ada", at=NOON)


async def level(tx: Tx) -> tuple[int, int]:
    found = (await tx.execute(text("SELECT on_hand, allocated FROM levels WHERE location = 'main'"))).one()
    return found.on_hand, found.allocated


async def counter(tx: Tx) -> list[ToCollect]:
    return await to_collect(tx, elsewhere=[], limit=10)


async def test_what_is_handed_over_twice_leaves_once(tx: Tx):
    _, [number] = await ordered(tx)
    await ready(tx, number)
    handed = HandOver(uuid7(), number, "Ada L", "0417")
    done = [await give(tx, handed) for _ in range(2)]
    assert ([len(each.ids) for each in done], await level(tx), await counter(tx)) == ([1, 0], (298, 0), [])
    kept = (
        await tx.execute(text("SELECT carrier, s.state, p.state, collected_by FROM shipments s, pickups p"))
    ).one()
    assert tuple(kept)[:3] == ("", "delivered", "collected")
    assert b"Ada" not in kept.collected_by


async def test_what_nobody_comes_for_is_told_once_and_given_back_until_they_come(tx: Tx):
    _, [number] = await ordered(tx)
    await ready(tx, number)
    for at in (NOON, WEEK, WEEK):
        await tell_overdue(tx, at=at)
    topics = await tx.execute(text("SELECT topic FROM notices ORDER BY id"))
    assert list(topics.scalars()) == ["orders.ready", "orders.not_collected"]
    for _ in range(2):
        await give_back(tx, [number], actor="ada", at=WEEK)
    assert (await level(tx), await counter(tx)) == ((300, 0), [])
    await resolve_holds(tx, [number], NOT_COLLECTED, actor="ada", at=WEEK)
    await ready(tx, number)
    assert (await level(tx), [each.state for each in await counter(tx)]) == ((300, 2), ["ready"])


async def test_goods_of_which_the_hub_knows_nothing_leave_no_counter(tx: Tx):
    _, [number] = await ordered(tx)
    await ready(tx, number)
    await give(tx, HandOver(uuid7(), number))
    with pytest.raises(WrongStateError, match="make the rest of it ready first"):
        await give(tx, HandOver(uuid7(), number))


async def test_what_was_sent_after_all_is_neither_told_as_waiting_nor_held(tx: Tx):
    _, numbers = await ordered(tx, 2)
    await ready(tx, *numbers)
    sent = [Parcel(uuid7(), number, {}) for number in numbers]
    await ship(tx, sent, elsewhere=NOWHERE, actor="ada", at=NOON)
    await give_back(tx, numbers[:1], actor="ada", at=NOON)
    assert await tell_overdue(tx, at=WEEK) == set()
    then = await tx.execute(text("SELECT p.state, o.holds FROM pickups p, orders o WHERE o.id = p.order_id"))
    assert [(row.state, row.holds) for row in then] == [("not collected", [])] * 2
    assert await tx.scalar(text("SELECT count(*) FROM notices WHERE topic = 'orders.not_collected'")) == 0


async def test_what_is_canceled_while_it_waits_goes_back_to_its_shelf(tx: Tx):
    seller, [number] = await ordered(tx)
    await ready(tx, number)
    await take(tx, seller, order("0", line("MUG", 2), pickup=Pickup(), minute=1, canceled=True))
    assert [(each.canceled, each.location) for each in await counter(tx)] == [(True, MAIN)]
    with pytest.raises(WrongStateError, match="is canceled"):
        await give(tx, HandOver(uuid7(), number))
    await give_back(tx, [number], actor="ada", at=NOON)
    assert (await level(tx), await counter(tx)) == ((300, 0), [])


async def test_what_is_not_ready_or_leaves_elsewhere_is_not_handed_over(tx: Tx):
    _, [number] = await ordered(tx)
    for deed in (give(tx, HandOver(uuid7(), number)), give_back(tx, [number], actor="ada", at=NOON)):
        with pytest.raises(WrongStateError, match="is to be made ready"):
            await deed
    with pytest.raises(WrongStateError, match="is shipped in web"):
        await make_ready(tx, [Ready(number, "1", WEEK)], elsewhere={"web"}, actor="ada", at=NOON)
    assert (await level(tx), [each.state for each in await counter(tx)]) == ((300, 2), ["to be made ready"])


async def test_a_hundred_orders_ask_as_often_as_one(tx: Tx):
    _, numbers = await ordered(tx, 101)
    asked = []
    for some in (numbers[:1], numbers[1:]):
        with statements(tx) as made:
            await ready(tx, *some)
            await give(tx, *(HandOver(uuid7(), number, "Ada") for number in some))
        asked.append(len(made))
    assert asked[0] == asked[1]
