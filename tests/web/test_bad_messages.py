"""A message nobody can use costs nothing: it is answered, kept and parked with a reason; no half of it is written."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from hub.channels.context import HubContext
from hub.channels.intake import take_waiting
from hub.channels.opening import open_channel
from hub.kit.clock import now
from tests.web.conftest import Shop

Order = dict[str, Any]


def negative_quantity(order: Order) -> None:
    order["line_items"][0]["quantity"] = -1


def no_currency(order: Order) -> None:
    order["currency"] = ""


def no_moment(order: Order) -> None:
    order["date_created_gmt"] = "yesterday"


def no_number(order: Order) -> None:
    order["total"] = "twelve"


def an_absurd_amount(order: Order) -> None:
    order["total"] = "1e999999"


def lines_of_another_kind(order: Order) -> None:
    order["line_items"] = "three mugs"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (negative_quantity, "quantity"),
        (no_currency, "currency"),
        (no_moment, "date_created_gmt"),
        (no_number, "total"),
        (an_absurd_amount, "total"),
        (lines_of_another_kind, "line_items"),
    ],
)
async def test_a_bad_order_is_parked_with_the_field_that_is_wrong(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop, spoil: Callable[[Order], None], says: str
) -> None:
    order = json.loads(shop.order)
    spoil(order)
    assert (await deliver(hub, web, shop, json.dumps(order).encode())).is_success
    ((state, reason),) = await rows(hub, "SELECT state, reason FROM inbox")
    assert (state, says in reason) == ("parked", True), reason
    assert await rows(hub, "SELECT count(*) FROM orders") == [(0,)]


@pytest.mark.parametrize(
    "body", [b'{"id": 7, "status": "proc', b'{"hello": "world"}', b"\x00\xff", b"[" * 100_000]
)
async def test_what_is_no_order_at_all_is_kept_and_parked(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop, body: bytes
) -> None:
    assert (await deliver(hub, web, shop, body)).is_success
    assert await rows(hub, "SELECT state, reason <> '' FROM inbox") == [("parked", True)]


async def test_an_unknown_sku_holds_the_order_and_loses_nothing(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
) -> None:
    await deliver(hub, web, shop, shop.order)
    assert await rows(hub, "SELECT holds FROM orders") == [(["unmatched"],)]
    assert await rows(hub, "SELECT count(*) FROM movements") == [(0,)]


async def test_a_bad_order_never_stops_its_neighbors(
    hub: HubContext, web: httpx.AsyncClient, shop: Shop
) -> None:
    for number in range(20):
        order = json.loads(shop.order) | {"id": 900 + number}
        if number == 7:
            order["line_items"][0]["quantity"] = -2
        await web.post(
            shop.address, content=json.dumps(order), headers=shop.signed(json.dumps(order).encode())
        )
    await take(hub, shop)
    assert await rows(hub, "SELECT state, count(*) FROM inbox GROUP BY 1 ORDER BY 1") == [
        ("parked", 1),
        ("taken", 19),
    ]


async def deliver(hub: HubContext, web: httpx.AsyncClient, shop: Shop, body: bytes) -> httpx.Response:
    """Post the body, rightly signed, and let a worker look at it."""
    answer = await web.post(shop.address, content=body, headers=shop.signed(body))
    await take(hub, shop)
    return answer


async def take(hub: HubContext, shop: Shop) -> None:
    while (await take_waiting(hub, open_channel(hub, shop.row), at=now())).messages:
        pass


async def rows(hub: HubContext, query: str) -> list[tuple[Any, ...]]:
    async with hub.db.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(query))]
