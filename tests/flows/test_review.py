"""A new order is looked at as it is taken: what is found is noted with it or holds it, and stops nothing."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from hub.model.incoming import Address, IncomingOrder, Person
from hub.model.review.checks import USUAL, Check, Does, Setting
from hub.model.review.verdicts import Review
from hub.store.db import Tx
from hub.store.stock import skus
from tests.builders import ADA, NOON, line, open_shop, order, take
from tests.flows.test_batches import statements

HELD = "SELECT channel_order_id, holds FROM orders ORDER BY channel_order_id"
FOUND = """SELECT o.channel_order_id, jsonb_path_query_array(e.facts, '$.findings[*].says') FROM events e
JOIN orders o ON o.id = e.order_id WHERE e.kind = 'reviewed' ORDER BY 1"""
NOWHERE = Person(
    "Ada", "ada@example.com", shipping=Address("Ada", city="Berlin", postcode="10115", country="DE")
)


def review(does: Does, *checks: Check) -> Review:
    return Review(tuple(Setting(each, does, USUAL[each].figure) for each in checks))


async def rows(tx: Tx, sql: str) -> Sequence[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(sql))]


def lost(order_id: str = "1", **more: object) -> IncomingOrder:
    return order(order_id, person=NOWHERE, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("does", "holds"), [(Does.NOTE, []), (Does.HOLD, ["address"])])
async def test_what_is_found_is_noted_or_holds_the_order_and_its_stock_is_promised(
    tx: Tx, does: Does, holds: list[str]
):
    seller = await open_shop(tx, {"MUG": 5})
    await take(tx, seller, lost(), order("2"), review=review(does, Check.ADDRESS))
    assert await rows(tx, HELD) == [("1", holds), ("2", [])]
    assert await rows(tx, FOUND) == [("1", ["the address has no street"])]
    assert await rows(tx, "SELECT reason, note FROM holds") == [
        (each, "the address has no street") for each in holds
    ]
    assert await rows(tx, "SELECT allocated FROM levels WHERE sku = 'MUG'") == [(2,)]


async def test_the_same_goods_of_the_same_person_are_found_on_every_channel_and_within_a_batch(tx: Tx):
    shop, till = await open_shop(tx, {"MUG": 9}), await open_shop(tx, {"MUG": 0}, slug="till")
    await take(tx, shop, order("1"))
    (first,) = await rows(tx, "SELECT number FROM orders")
    again = [
        order("2", placed_at=NOON + timedelta(minutes=59)),
        order("3", placed_at=NOON + timedelta(minutes=59, seconds=1)),
        order("4", line("MUG", 2), placed_at=NOON),
        order("5", person=Person("Bob", "bob@example.com")),
        order("6", placed_at=NOON + timedelta(hours=2)),
    ]
    await take(tx, till, *again, review=review(Does.NOTE, Check.DUPLICATE))
    said = "the same person ordered the same goods moments before: "
    assert await rows(tx, FOUND) == [("2", [f"{said}{first[0]}"]), ("3", [f"{said}{first[0]}, 2"])]


async def test_prices_are_held_against_the_list_and_first_orders_against_the_past(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9})
    await skus.put_skus(tx, [skus.Sku("MUG", "Mug", price=Decimal(30), currency="EUR")], at=NOON)
    looks = Review(
        (*review(Does.NOTE, Check.PRICE).settings, Setting(Check.FIRST_ORDER, Does.NOTE, Decimal(5)))
    )
    later = order("2", placed_at=NOON + timedelta(days=1), currency="USD")
    await take(tx, seller, order("1"), review=looks)
    await take(tx, seller, later, review=looks)
    assert await rows(tx, FOUND) == [
        ("1", ["MUG sells at 9.99, its list price is 30.00", "a first order of 9.99 EUR, above 5"])
    ]


async def test_an_order_is_reviewed_once_and_a_sale_that_has_left_never(tx: Tx):
    seller, looks = await open_shop(tx, {"MUG": 9}), review(Does.HOLD, Check.ADDRESS)
    await take(tx, seller, lost("1"), lost("gone", lines=[line("MUG", fulfilled=1)]), review=looks)
    await tx.execute(text("UPDATE orders SET holds = '{}'"))
    await take(tx, seller, order("1", line("MUG", 2), minute=5, person=NOWHERE), review=looks)
    assert await rows(tx, HELD) == [("1", []), ("gone", [])]
    assert len(await rows(tx, FOUND)) == 1


async def test_a_batch_asks_once_more_however_many_orders_and_never_where_all_checks_are_off(tx: Tx):
    seller, off, on = await open_shop(tx, {"MUG": 99}), review(Does.OFF, *Check), review(Does.HOLD, *Check)
    asked = []
    for looks, orders in ((Review(), 1), (off, 40), (on, 1), (on, 40)):
        nested = await tx.begin_nested()
        with statements(tx) as seen:
            await take(tx, seller, *[order(f"{at}", person=ADA) for at in range(orders)], review=looks)
        await nested.rollback()
        asked.append(len(seen))
    assert asked == [asked[0], asked[0], asked[0] + 1, asked[0] + 1]
