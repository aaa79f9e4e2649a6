"""Receiving, transferring, counting and importing ask the database as often for a hundred lines as for one (L15)."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from hub.flows.imports.kinds import TAKE
from hub.flows.imports.taking import Around, By
from hub.flows.orders.follow_parcels import tell_parcels
from hub.flows.orders.pick import NewList, begin_picking
from hub.flows.orders.ship import ship
from hub.flows.stock import transfer_stock
from hub.flows.stock.count_sheets import Plan, begin_count, enter_counts, post_count
from hub.flows.stock.receive_stock import Delivery, receive_stock
from hub.flows.stock.transfer_stock import Draft, draft_transfer, receive_transfer, send_transfer
from hub.kit.ids import uuid7
from hub.model.imports.kinds import Kind
from hub.model.imports.rows import Given, How
from hub.model.orders.parcels import ParcelState
from hub.model.orders.shipping import Parcel
from hub.model.stock.counts import Entry
from hub.model.stock.lines import Units
from hub.store.db import Tx
from tests.builders import MAIN, NOON, SHOP, open_shop, order, take

Story = Callable[[Tx, list[str]], Awaitable[object]]


async def receive(tx: Tx, skus: list[str]) -> None:
    delivery = Delivery(uuid7(), "DN-1", MAIN, [Units(sku, 2) for sku in skus])
    await receive_stock(tx, [delivery], actor="ada", at=NOON)


async def transfer(tx: Tx, skus: list[str]) -> None:
    draft = Draft(uuid7(), MAIN, SHOP, [Units(sku, 2) for sku in skus])
    number = await draft_transfer(tx, draft, actor="ada", at=NOON)
    await send_transfer(tx, number, actor="ada", at=NOON)
    came = dict.fromkeys(skus, 1)
    await receive_transfer(
        tx, number, transfer_stock.Parcel(uuid7(), came, True, "broken"), actor="bob", at=NOON
    )


async def count(tx: Tx, skus: list[str]) -> None:
    begun = await begin_count(tx, Plan(uuid7(), MAIN, skus=skus), actor="ada", at=NOON)
    await enter_counts(tx, begun.number, [Entry(uuid7(), sku, 3) for sku in skus], at=NOON)
    await post_count(tx, begun.number, reason="inventory", actor="ada", at=NOON)


def importing(kind: Kind, **texts: str) -> Story:
    """What a file changes of each SKU; braces stand for the SKU."""

    async def take(tx: Tx, skus: list[str]) -> None:
        rows = [
            Given(at, {name.replace("_", " "): text.format(sku) for name, text in texts.items()})
            for at, sku in enumerate(skus, 2)
        ]
        taken = await TAKE[kind](tx, rows, Around(How()), By(uuid7(), "ada", "opening stock"), at=NOON)
        assert {line.writes for line in taken.lines} == {True}

    return take


IMPORTS = {
    "stock": importing(Kind.STOCK, sku="{}", location=SHOP, on_hand="7"),
    "catalog": importing(Kind.CATALOG, sku="{}", name="A {}", group="new", tracking="lot"),
    "new": importing(Kind.CATALOG, sku="new-{}", name="New"),
    "prices": importing(Kind.PRICES, sku="{}", price="5", currency="EUR"),
    "listings": importing(Kind.LISTINGS, channel="web", listing="listing-{}", sku="{}", units="6"),
}


@pytest.mark.parametrize(
    "story", [receive, transfer, count, *(pytest.param(story, id=name) for name, story in IMPORTS.items())]
)
async def test_a_hundred_lines_ask_as_often_as_one(tx: Tx, story: Story):
    skus = [f"S{number:03}" for number in range(101)]
    await open_shop(tx, dict.fromkeys(skus, 5))
    asked = []
    for lines in (skus[:1], skus[1:]):
        with statements(tx) as seen:
            nested = await tx.begin_nested()
            await story(tx, lines)
            await nested.rollback()
        asked.append(len(seen))
    assert asked[0] == asked[1]


async def test_a_hundred_orders_are_picked_and_shipped_with_as_many_questions_as_one(tx: Tx):
    seller = await open_shop(tx, {"MUG": 500})
    made = await take(tx, seller, *(order(f"{number:03}") for number in range(101)))
    numbers = [each.number for each in made.orders]
    asked = []
    for batch in (numbers[:1], numbers[1:]):
        with statements(tx) as seen:
            new = NewList(uuid7(), MAIN, batch)
            await begin_picking(tx, new, elsewhere=(), actor="ada", at=NOON)
            parcels = [Parcel(uuid7(), number) for number in batch]
            await ship(tx, parcels, elsewhere=set(), actor="ada", at=NOON, each_alone=True)
            news = {each.id: ParcelState.DELIVERED for each in parcels}
            await tell_parcels(tx, news, actor="ada", at=NOON)
        asked.append(len(seen))
    assert asked[0] == asked[1]


async def test_a_carriers_file_asks_as_often_for_a_hundred_parcels_as_for_one(tx: Tx):
    seller = await open_shop(tx, {"MUG": 500})
    made = await take(tx, seller, *(order(f"{number:03}") for number in range(101)))
    asked = []
    for batch in (made.orders[:1], made.orders[1:]):
        with statements(tx) as seen:
            rows = [Given(2, {"order": str(each.number), "tracking": f"T{each.number}"}) for each in batch]
            around = Around(How(), frozenset(), frozenset({"woocommerce"}))
            await TAKE[Kind.PARCELS](tx, rows, around, By(uuid7(), "ada", "a file"), at=NOON)
        asked.append(len(seen))
    assert asked[0] == asked[1]


@contextmanager
def statements(tx: Tx) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(tx.sync_connection, "before_cursor_execute", note)
    yield asked
    event.remove(tx.sync_connection, "before_cursor_execute", note)
