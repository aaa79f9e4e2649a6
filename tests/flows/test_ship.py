"""Promised goods leave once, by a person's word, and only what is promised, of an order nothing holds back."""

from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.orders.ship import Shipped, ship
from hub.flows.orders.take_orders import Seller
from hub.flows.stock.set_backorders import set_backorders
from hub.kit.ids import uuid7
from hub.model.errors import HubError, InputError, NotFoundError, WrongStateError
from hub.model.orders.shipping import Parcel
from hub.model.stock.backorders import Terms
from hub.store import orders
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.shipments import shipments_of
from tests.builders import NOON, line, open_shop, order, take

STOCK = "SELECT sum(on_hand), sum(allocated) FROM levels WHERE sku = 'MUG'"
LINES = "SELECT sum(allocated), sum(shipped), sum(backordered) FROM order_lines WHERE sku = 'MUG'"


async def taken(tx: Tx, units: int = 3, *, stock: int = 10) -> tuple[int, UUID]:
    """The number of an order of mugs that the hub has promised, and the id of its line."""
    seller: Seller = await open_shop(tx, {"MUG": stock}, promises=True)
    (made,) = (await take(tx, seller, order("1", line("MUG", units)))).orders
    held = await orders.read_held(tx, made.number)
    assert held is not None
    return made.number, held.lines[0].id


async def send(tx: Tx, *parcels: Parcel, elsewhere: frozenset[str] = frozenset()) -> Shipped:
    return await ship(tx, parcels, elsewhere=elsewhere, actor="ada", at=NOON)


async def numbers(tx: Tx, query: str) -> tuple[object, ...]:
    return tuple((await tx.execute(text(query))).one())


async def test_what_is_promised_leaves_the_shelf_and_the_promise_with_it(tx: Tx) -> None:
    number, _ = await taken(tx)
    done = await send(tx, Parcel(uuid7(), number, carrier="DHL", tracking="0034"))
    (parcel,) = await shipments_of(tx, number)
    assert (await numbers(tx, STOCK), await numbers(tx, LINES)) == ((7, 0), (0, 3, 0))
    assert (parcel.id, parcel.carrier, parcel.lines[0].quantity) == (done.ids[0], "DHL", 3)
    assert all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))


async def test_the_same_parcel_again_changes_nothing(tx: Tx) -> None:
    number, mugs = await taken(tx)
    parcel = Parcel(uuid7(), number, {mugs: 1})
    first, again = [await send(tx, parcel) for _ in range(2)]
    assert (first.ids, again.ids, await numbers(tx, STOCK)) == ([parcel.id], [], (9, 2))


async def test_a_parcel_that_has_left_is_known_again_although_its_order_was_canceled_since(tx: Tx) -> None:
    number, mugs = await taken(tx)
    parcel = Parcel(uuid7(), number, {mugs: 1})
    await send(tx, parcel)
    await tx.execute(text("UPDATE orders SET canceled_at = now()"))
    assert (await send(tx, parcel)).ids == []


async def test_the_rest_leaves_in_another_parcel(tx: Tx) -> None:
    number, mugs = await taken(tx)
    await send(tx, Parcel(uuid7(), number, {mugs: 1}))
    await send(tx, Parcel(uuid7(), number))
    assert [each.lines[0].quantity for each in await shipments_of(tx, number)] == [1, 2]
    assert await numbers(tx, LINES) == (0, 3, 0)


async def test_what_is_on_backorder_keeps_its_place_when_the_rest_leaves(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 2}, promises=True)
    await set_backorders(tx, {"MUG": Terms(5)}, actor="ada", at=NOON)
    (made,) = (await take(tx, seller, order("1", line("MUG", 3)))).orders
    await send(tx, Parcel(uuid7(), made.number))
    assert await numbers(tx, LINES) == (0, 2, 1)


@pytest.mark.parametrize(
    ("broken", "error", "says"),
    [
        ("UPDATE orders SET holds = '{payment}'", WrongStateError, "resolve that first"),
        ("UPDATE orders SET canceled_at = now()", WrongStateError, "is canceled"),
        ("UPDATE channels SET slug = 'shop-de'", WrongStateError, "shipped in shop-de"),
    ],
)
async def test_nothing_leaves_of_an_order_that_is_held_canceled_or_shipped_elsewhere(
    tx: Tx, broken: str, error: type[HubError], says: str
) -> None:
    number, _ = await taken(tx)
    await tx.execute(text(broken))
    with pytest.raises(error, match=says):
        await send(tx, Parcel(uuid7(), number), elsewhere=frozenset({"shop-de"}))
    assert await numbers(tx, STOCK) == (10, 3)


@pytest.mark.parametrize(("units", "says"), [(4, "3 are promised"), (0, "3 are promised")])
async def test_no_more_leaves_than_is_promised(tx: Tx, units: int, says: str) -> None:
    number, mugs = await taken(tx)
    with pytest.raises(InputError, match=says):
        await send(tx, Parcel(uuid7(), number, {mugs: units}))
    with pytest.raises(InputError, match="no line"):
        await send(tx, Parcel(uuid7(), number, {uuid7(): 1}))
    with pytest.raises(NotFoundError):
        await send(tx, Parcel(uuid7(), 999_999))


async def test_in_bulk_one_that_cannot_leave_keeps_back_no_other(tx: Tx) -> None:
    number, _ = await taken(tx)
    parcels = [Parcel(uuid7(), each) for each in (number, 999_999)]
    done = await ship(tx, parcels, elsewhere=set(), actor="ada", at=NOON, each_alone=True)
    assert (done.ids, list(done.refused), await numbers(tx, STOCK)) == ([parcels[0].id], [999_999], (7, 0))
