"""What comes from a supplier is in the books once by its reference, and at once with the orders that wait for it."""

import pytest
from sqlalchemy import text

from hub.flows.stock.receive_stock import Delivery, Received, receive_stock
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.stock.lines import Units
from hub.store.db import Tx
from hub.store.stock.receipts import list_receipts
from tests.builders import MAIN, NOON, SHOP, line, open_shop, order, take

ON_HAND = "SELECT location, on_hand FROM levels WHERE sku = 'MUG' ORDER BY location"


def delivery(reference: str = "DN-1", *lines: Units, location: str = MAIN) -> Delivery:
    return Delivery(uuid7(), reference, location, lines or [Units("MUG", 5)])


async def receive(tx: Tx, *deliveries: Delivery) -> Received:
    return await receive_stock(tx, deliveries, actor="ada", at=NOON)


async def rows(tx: Tx, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(query))]


async def test_a_delivery_told_again_is_received_once(tx: Tx):
    await open_shop(tx, {"MUG": 2})
    for repeated in ([], ["DN-1"], ["DN-1"]):
        assert (await receive(tx, delivery())).repeated == repeated
    assert await rows(tx, ON_HAND) == [(MAIN, 7)]


async def test_another_delivery_under_the_same_reference_is_refused(tx: Tx):
    await open_shop(tx, {"MUG": 2})
    await receive(tx, delivery())
    with pytest.raises(InputError, match="DN-1 was received at main on 2026-11-23 with other lines"):
        await receive(tx, delivery("DN-2"), delivery("DN-1", Units("MUG", 6)))
    with pytest.raises(InputError, match="DN-1 was received at main"):
        await receive(tx, delivery("DN-1", location=SHOP))
    assert await rows(tx, ON_HAND) == [(MAIN, 7)]


async def test_an_order_that_waited_gets_what_has_come(tx: Tx):
    seller = await open_shop(tx, {"MUG": 0})
    await take(tx, seller, order("1", line("MUG", 3)))
    received = await receive(tx, delivery("DN-1", Units("MUG", 2), Units("MUG", 2)))
    assert received.touched == {seller.id}
    assert await rows(tx, "SELECT on_hand, allocated FROM levels WHERE sku = 'MUG'") == [(4, 3)]


async def test_several_deliveries_are_listed_with_their_lines_the_newest_first(tx: Tx):
    await open_shop(tx, {"MUG": 0, "TEA": 0})
    await receive(tx, delivery("A"), delivery("B", Units("TEA", 1), Units("MUG", 2), location=SHOP))
    found = await list_receipts(tx, limit=9)
    assert [(each.reference, each.location, each.actor) for each in found] == [
        ("B", SHOP, "ada"),
        ("A", MAIN, "ada"),
    ]
    assert found[0].lines == [Units("MUG", 2), Units("TEA", 1)]
    assert [each.reference for each in await list_receipts(tx, after=found[0].id, limit=9)] == ["A"]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (delivery(" "), InputError),
        (delivery("x" * 201), InputError),
        (delivery("DN-1", Units("MUG", 0)), InputError),
        (delivery("DN-1", Units("MUG", -3)), InputError),
        (delivery("DN-1", Units("CUP", 1)), NotFoundError),
        (delivery("DN-1", location="moon"), NotFoundError),
    ],
)
async def test_what_cannot_have_come_is_refused_whole(tx: Tx, bad: Delivery, error: type[Exception]):
    await open_shop(tx, {"MUG": 2})
    with pytest.raises(error):
        await receive(tx, delivery("DN-0"), bad)
    assert await rows(tx, "SELECT count(*) FROM receipts") == [(0,)]
    assert await rows(tx, ON_HAND) == [(MAIN, 2)]


async def test_two_deliveries_of_one_reference_in_one_batch_are_refused(tx: Tx):
    await open_shop(tx, {"MUG": 2})
    with pytest.raises(InputError, match="two deliveries have one reference"):
        await receive(tx, delivery(), delivery())
