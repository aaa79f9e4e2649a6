"""An order is kept as its channel sold it: carrier, shipping, prices, custom lines and address are its own."""

from decimal import Decimal
from typing import Any

from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.versions import read_versions
from hub.kit.ids import uuid7
from hub.model.edits.deeds import Deed, SetAddress, SetUnits
from hub.model.incoming import Address, IncomingOrder, IncomingParcel, LineKind, Person
from hub.store.db import Tx
from hub.store.stock.skus import Sku, put_skus
from tests.builders import ADA, NOON, VAULT, line, open_shop, order, take

BERLIN, PARIS, ROME = (Address("Ada L", city=city) for city in ("Berlin", "Paris", "Rome"))
BY_POST: dict[str, Any] = {
    "shipping_method": "Express",
    "shipping_total": Decimal("4.900"),
    "shipping_tax": Decimal("0.931"),
}
GIFT = line("", kind=LineKind.CUSTOM, channel_line_id="gift", title="Engraving", channel_listing_id="")
LINES = "SELECT kind, unit_price, total, sku, allocated FROM order_lines ORDER BY position"


async def edit(tx: Tx, number: int, deed: Deed) -> None:
    await edit_orders(tx, VAULT, [Edit(uuid7(), number, [deed])], actor="ada", at=NOON)


async def kept(tx: Tx) -> list[IncomingOrder]:
    """The orders as the hub has them now, by the channel's id."""
    ids = [row.id for row in await tx.execute(text("SELECT id FROM orders ORDER BY channel_order_id"))]
    versions = await read_versions(tx, VAULT, ids)
    return [versions[each].order for each in ids]


async def all_of(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


async def test_c49_carrier_and_shipping_cost_are_those_of_the_channel_and_outlive_an_edit(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    left = (IncomingParcel("p1", "DHL", "0034"),)
    sold = order("1", line("MUG", 2, fulfilled=1), total=Decimal("25.811"), parcels=left, **BY_POST)
    (taken,) = (await take(tx, seller, sold)).orders
    await edit(tx, taken.number, SetUnits("MUG", 1))
    (now,) = await kept(tx)
    assert {name: getattr(now, name) for name in BY_POST} == BY_POST
    assert str(now.total) == "15.821"
    assert await all_of(tx, "SELECT carrier, tracking FROM shipments") == [("DHL", "0034")]


async def test_c54_a_line_costs_what_the_channel_says_whatever_our_catalog_says_then_or_later(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    for price in ("12.50", "19.00"):
        await put_skus(tx, [Sku("MUG", "Mug", price=Decimal(price), currency="EUR")], at=NOON)
        await take(tx, seller, order("1", line("MUG", 2)))
    assert await all_of(tx, LINES) == [("item", Decimal("9.99"), Decimal("19.98"), "MUG", 2)]


async def test_c58_a_custom_line_is_kept_with_its_money_takes_no_stock_and_waits_for_no_sku(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    (taken,) = (await take(tx, seller, order("1", line("MUG", 2), GIFT))).orders
    assert await all_of(tx, LINES) == [
        ("item", Decimal("9.99"), Decimal("19.98"), "MUG", 2),
        ("custom", Decimal("9.99"), Decimal("9.99"), None, 0),
    ]
    assert (taken.holds, [str(each.total) for each in await kept(tx)]) == ([], ["29.97"])


async def test_c59_an_address_is_a_snapshot_on_its_order_that_no_other_order_or_edit_changes(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    first, second = (
        order(each, person=replace(ADA, shipping=to)) for each, to in (("1", BERLIN), ("2", PARIS))
    )
    taken = [(await take(tx, seller, each)).orders[0] for each in (first, second)]
    await edit(tx, taken[1].number, SetAddress(ROME))
    assert [each.person.shipping for each in await kept(tx)] == [BERLIN, ROME]
    assert await all_of(tx, "SELECT count(DISTINCT customer_id) FROM orders") == [(1,)]


async def test_c59_who_writes_from_two_addresses_is_bound_to_one_customer_by_e_mail_alone(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 10})
    people = (ADA, replace(ADA, name="A. Lovelace", billing=PARIS), Person(shipping=BERLIN))
    await take(tx, seller, *(order(str(each), person=person) for each, person in enumerate(people)))
    found = await all_of(tx, "SELECT customer_id FROM orders ORDER BY channel_order_id")
    assert (found[0] == found[1], found[2] == found[0]) == (True, False)
