"""What left by a channel's word is kept as parcels of the order, as the newest snapshot tells of them."""

from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.ship import ship
from hub.flows.orders.take_orders import Seller
from hub.kit.ids import uuid7
from hub.model.edits.deeds import RemoveLine
from hub.model.incoming import IncomingOrder, IncomingParcel, ParcelLine, Payment, Pickup
from hub.model.orders.shipping import Parcel
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.shipments import Shipment, shipments_of
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_take_orders import statements_of


def parcel(number: str, units: int = 0, **more: object) -> IncomingParcel:
    """A parcel with so many mugs; with none, the channel does not say what is in it."""
    lines = (ParcelLine("MUG", units),) if units else ()
    return IncomingParcel(number, "DHL", number, lines, **more)  # type: ignore[arg-type]


def sent(*parcels: IncomingParcel, minute: int = 0, fulfilled: int = 3, order_id: str = "1") -> IncomingOrder:
    return order(order_id, line("MUG", 3, fulfilled=fulfilled), minute=minute, parcels=parcels)


async def parcels_after(tx: Tx, *snapshots: IncomingOrder) -> list[Shipment]:
    """Those of the one order that these snapshots tell of, each taken in a batch of its own."""
    seller: Seller = await open_shop(tx, {"MUG": 10})
    numbers = {each.number for told in snapshots for each in (await take(tx, seller, told)).orders}
    assert all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))
    return await shipments_of(tx, min(numbers))


async def test_c45_an_order_has_every_parcel_its_channel_names_with_the_units_in_it(tx: Tx) -> None:
    found = await parcels_after(tx, sent(parcel("0034", 2), parcel("0035", 1)))
    assert [(each.tracking, [line.quantity for line in each.lines]) for each in found] == [
        ("0034", [2]),
        ("0035", [1]),
    ]
    assert {(each.channel_parcel_id, each.actor, each.at) for each in found} == {
        ("0034", "web", NOON),
        ("0035", "web", NOON),
    }


async def test_a_line_that_stands_twice_in_a_parcel_is_added_up(tx: Tx) -> None:
    twice = IncomingParcel("1", lines=(ParcelLine("MUG", 1), ParcelLine("MUG", 2)))
    [found] = await parcels_after(tx, sent(twice))
    assert [each.quantity for each in found.lines] == [3]


async def test_a_parcel_with_a_line_that_a_person_took_off_stops_nobody(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10, "TEA": 10})
    (made,) = (await take(tx, seller, order("1", line("MUG", 3), line("TEA", 1)))).orders
    wanted = Edit(uuid7(), made.number, [RemoveLine("TEA")])
    await edit_orders(tx, VAULT, [wanted], actor="ada", at=NOON)
    left = [line("MUG", 3, fulfilled=3), line("TEA", 1, fulfilled=1)]
    told = (IncomingParcel("1", lines=(ParcelLine("MUG", 3), ParcelLine("TEA", 1))),)
    await take(tx, seller, order("1", *left, minute=1, parcels=told), order("2", line("MUG", 1)))
    assert await tx.scalar(text("SELECT count(*) FROM orders WHERE channel_order_id = '2'")) == 1


async def test_a_newer_snapshot_replaces_what_an_earlier_one_told(tx: Tx) -> None:
    first = sent(parcel("0034", 2), parcel("0035"), fulfilled=2)
    corrected = IncomingParcel("0034", "UPS", "1Z", (ParcelLine("MUG", 3),))
    [found] = await parcels_after(tx, first, sent(corrected, minute=1))
    assert (found.carrier, found.tracking, [each.quantity for each in found.lines]) == ("UPS", "1Z", [3])


async def test_a_parcel_that_is_told_again_is_the_same_one(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    ids = []
    for minute in (0, 1):
        [taken] = (await take(tx, seller, sent(parcel("0034", 3), minute=minute))).orders
        ids.append([each.id for each in await shipments_of(tx, taken.number)])
    assert ids[0] == ids[1]


async def test_an_older_snapshot_that_comes_late_brings_no_parcel_back(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    [taken] = (await take(tx, seller, sent(minute=1))).orders
    await take(tx, seller, sent(parcel("0034", 3)))
    assert await shipments_of(tx, taken.number) == []


async def test_a_parcel_that_the_hub_sent_and_the_channel_tells_back_is_one(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    [taken] = (await take(tx, seller, order("1", line("MUG", 3)))).orders
    here = Parcel(uuid7(), taken.number, carrier="DHL", tracking="0034")
    await ship(tx, [here], elsewhere=frozenset(), actor="ada", at=NOON)
    await take(tx, seller, sent(parcel("0034", 3), minute=1))
    assert [each.id for each in await shipments_of(tx, taken.number)] == [here.id]


async def test_parcels_of_a_hundred_orders_take_as_many_statements_as_of_one(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1000})
    batches = [
        [sent(parcel("1", 3), minute=minute, order_id=str(number)) for number in range(count)]
        for count, minute in ((100, 0), (1, 1), (100, 2))
    ]
    _new, one, hundred = [await statements_of(tx, seller, batch) for batch in batches]
    assert one == hundred
    assert len(one) <= 15


async def test_who_collects_and_who_pays_at_the_door_stands_on_the_order_as_told_last(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    told = [{"pickup": Pickup("7", "Market"), "cash_on_delivery": True, "payment": Payment.PENDING}, {}]
    kept = []
    for minute, facts in enumerate(told):
        await take(tx, seller, order("1", minute=minute, **facts))
        kept.append((await tx.execute(text("SELECT pickup, cash_on_delivery FROM orders"))).one())
    assert [tuple(each) for each in kept] == [
        ({"channel_location_id": "7", "name": "Market"}, True),
        (None, False),
    ]
