"""A parcel that left is followed: delivered, lost, or sent back, and then its goods come back, once."""

import pytest
from sqlalchemy import text

from hub.flows.orders.follow_parcels import label_parcels, tell_parcels
from hub.flows.orders.ship import ship
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.orders.parcels import ParcelState
from hub.model.orders.shipping import Parcel
from hub.store.db import Tx
from hub.store.shipments import Label, Shipment, list_shipments
from tests.builders import NOON, line, open_shop, order, take


async def sent(tx: Tx, *units: int) -> list[Shipment]:
    """Parcels of so many mugs each, of one order, in the order in which they left."""
    seller = await open_shop(tx, {"MUG": 10}, promises=True)
    (made,) = (await take(tx, seller, order("1", line("MUG", sum(units))))).orders
    mugs = (await tx.execute(text("SELECT id FROM order_lines"))).scalar_one()
    for count in units:
        parcel = Parcel(uuid7(), made.number, {mugs: count}, "DHL", f"T{count}")
        await ship(tx, [parcel], elsewhere=set(), actor="ada", at=NOON)
    return (await list_shipments(tx, limit=10))[::-1]


async def tell(tx: Tx, parcel: Shipment, state: ParcelState) -> None:
    await tell_parcels(tx, {parcel.id: state}, actor="ada", at=NOON)


async def test_c45_each_parcel_of_an_order_has_its_own_lines_number_and_state(tx: Tx) -> None:
    first, _ = await sent(tx, 1, 2)
    await tell(tx, first, ParcelState.DELIVERED)
    found = await list_shipments(tx, limit=10)
    assert [(each.tracking, each.lines[0].quantity, each.state) for each in found] == [
        ("T2", 2, "shipped"),
        ("T1", 1, "delivered"),
    ]


async def test_what_is_sent_back_is_put_aside_once(tx: Tx) -> None:
    (parcel,) = await sent(tx, 2)
    for _ in range(2):
        await tell(tx, parcel, ParcelState.SENT_BACK)
    returns = await tx.execute(text("SELECT quantity, disposition, reason FROM returns"))
    assert [tuple(row) for row in returns] == [(2, "inspect", "returned to sender")]


async def test_what_the_customer_sent_back_already_comes_back_no_second_time(tx: Tx) -> None:
    (parcel,) = await sent(tx, 2)
    await tx.execute(text("UPDATE order_lines SET returned = 2"))
    await tell(tx, parcel, ParcelState.SENT_BACK)
    assert (await tx.execute(text("SELECT count(*) FROM returns"))).scalar_one() == 0


async def test_two_parcels_sent_back_at_once_bring_back_what_is_still_out(tx: Tx) -> None:
    parcels = await sent(tx, 1, 1)
    await tx.execute(text("UPDATE order_lines SET returned = 1"))
    news = dict.fromkeys((each.id for each in parcels), ParcelState.SENT_BACK)
    await tell_parcels(tx, news, actor="ada", at=NOON)
    assert (await tx.execute(text("SELECT sum(quantity) FROM returns"))).scalar_one() == 1


async def test_what_takes_no_stock_comes_back_with_no_parcel(tx: Tx) -> None:
    (parcel,) = await sent(tx, 2)
    await tx.execute(text("UPDATE order_lines SET kind = 'custom'"))
    await tell(tx, parcel, ParcelState.SENT_BACK)
    assert (await tx.execute(text("SELECT count(*) FROM returns"))).scalar_one() == 0


async def test_what_cannot_follow_and_what_nobody_knows_is_refused(tx: Tx) -> None:
    (parcel,) = await sent(tx, 1)
    await tell(tx, parcel, ParcelState.DELIVERED)
    with pytest.raises(WrongStateError, match="delivered cannot be lost"):
        await tell(tx, parcel, ParcelState.LOST)
    with pytest.raises(NotFoundError):
        await tell_parcels(tx, {uuid7(): ParcelState.LOST}, actor="ada", at=NOON)


async def test_a_label_is_written_later_and_a_wrong_one_refused(tx: Tx) -> None:
    (parcel,) = await sent(tx, 1)
    await label_parcels(tx, [Label(parcel.id, "UPS", "1Z")], actor="ada", at=NOON)
    with pytest.raises(InputError):
        await label_parcels(tx, [Label(parcel.id, "UPS", "1\n2")], actor="ada", at=NOON)
    (found,) = await list_shipments(tx, search="1Z", limit=10)
    assert found.carrier == "UPS"
