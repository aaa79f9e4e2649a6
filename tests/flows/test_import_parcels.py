"""A carrier's file lets orders leave, gives parcels their numbers, and tells of them; the same file twice is once."""

import pytest
from sqlalchemy import text

from hub.flows.imports.parcels import take
from hub.flows.imports.taking import Around, By
from hub.flows.orders.ship import ship
from hub.kit.ids import uuid7
from hub.model.imports.lines import Line
from hub.model.imports.rows import Given, How
from hub.model.orders.shipping import Parcel
from hub.store.db import Tx
from tests.builders import NOON, line, open_shop, order
from tests.builders import take as take_order

AROUND = Around(How(), frozenset(), frozenset({"woocommerce"}))
PARCELS = "SELECT carrier, tracking, state FROM shipments ORDER BY tracking"


async def taken(tx: Tx, *orders: str) -> list[int]:
    seller = await open_shop(tx, {"MUG": 10}, promises=True)
    made = await take_order(tx, seller, *(order(each, line("MUG", 2)) for each in orders))
    return [each.number for each in made.orders]


async def bring(tx: Tx, *rows: tuple[int, str, str, str], around: Around = AROUND) -> list[Line]:
    """Rows of order, tracking, carrier and state."""
    names = ("order", "tracking", "carrier", "state")
    given = [Given(at, dict(zip(names, map(str, row), strict=True))) for at, row in enumerate(rows, 2)]
    return (await take(tx, given, around, By(uuid7(), "ada", "DHL's file"), at=NOON)).lines


async def parcels(tx: Tx) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(PARCELS))]


async def test_an_order_leaves_and_one_that_left_gets_its_number_once(tx: Tx) -> None:
    first, second = await taken(tx, "a", "b")
    await ship(tx, [Parcel(uuid7(), second)], elsewhere=set(), actor="ada", at=NOON)
    rows = [(first, "T1", "DHL", ""), (second, "T2", "UPS", "delivered")]
    outcomes = [[each.outcome for each in await bring(tx, *rows)] for _ in range(2)]
    assert outcomes == [["new", "changed"], ["unchanged", "unchanged"]]
    assert await parcels(tx) == [("DHL", "T1", "shipped"), ("UPS", "T2", "delivered")]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ((9, "T1", "", ""), "no order 9"),
        ((0, "", "", ""), "no tracking number"),
        ((0, "T1", "", "on its way"), "no state of a parcel"),
        ((0, "1.2E+10", "", ""), "shortened"),
    ],
)
async def test_a_row_that_cannot_be_is_refused_with_why(
    tx: Tx, row: tuple[int, str, str, str], says: str
) -> None:
    (number,) = await taken(tx, "a")
    (told,) = await bring(tx, (row[0] or number, *row[1:]))
    assert (told.outcome, says in told.why, await parcels(tx)) == ("refused", True, [])


async def test_what_is_held_shipped_elsewhere_or_has_left_already_stays_as_it_is(tx: Tx) -> None:
    first, second = await taken(tx, "a", "b")
    (there,) = await bring(tx, (first, "T1", "", ""), around=Around(How()))
    await tx.execute(text("UPDATE orders SET holds = '{fraud}' WHERE number = :number"), {"number": second})
    left, twice, held = await bring(tx, (first, "T1", "", ""), (first, "T2", "", ""), (second, "T3", "", ""))
    assert ("in its channel" in there.why, left.outcome) == (True, "new")
    assert ("by a row before this one" in twice.why, "held (fraud)" in held.why) == (True, True)
    assert await parcels(tx) == [("", "T1", "shipped")]
