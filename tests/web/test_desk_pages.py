"""Each page of the desk shows what the database holds, in a fixed number of statements, and teaches when empty."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from hub.channels.context import HubContext
from hub.model.incoming import IncomingOrder
from hub.store.channels import ChannelRow
from hub.store.desk.orders import OrderFilter, Position, View, list_orders
from tests.builders import NOON, line, open_shop, order, take
from tests.web.conftest import rows, statements, typed_order

pytestmark = pytest.mark.anyio
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


async def see(web: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await web.get(path, headers=BROWSER)
    assert answer.status_code == status, answer.text
    return answer.text


async def send(web: httpx.AsyncClient, path: str, **fields: str | list[str]) -> httpx.Response:
    return await web.post(path, data=fields, headers=BROWSER)


@pytest.mark.parametrize(
    ("path", "lesson"),
    [
        ("/orders", "Orders of every channel arrive here"),
        ("/orders/new", "First, a channel for orders you type"),
        ("/stock", "Stock lives here, once for all channels"),
        ("/products", "Sizes and colors stand together here"),
        ("/channels", "Join your first channel"),
        ("/waiting", "Nothing waits for you"),
        ("/locations", "Stock lies somewhere: say where"),
        ("/transfers", "Stock moves here"),
        ("/counts", "Nothing is being counted"),
        ("/alarms", "No stock is in trouble"),
        ("/receipts", "Goods arrive here"),
        ("/sourcing", "Type a basket to see"),
    ],
)
async def test_an_empty_page_teaches(web: httpx.AsyncClient, path: str, lesson: str):
    assert lesson in await see(web, path)


async def test_the_address_of_the_hub_leads_to_its_orders(web: httpx.AsyncClient):
    assert (await web.get("/", headers=BROWSER)).headers["location"] == "/orders"


async def test_an_order_shows_its_customer_although_the_database_does_not(
    hub: HubContext, web: httpx.AsyncClient
):
    await shop_with(hub, order("1"))
    assert "Ada L" in await see(web, "/orders")
    ((sealed,),) = await rows(hub, "SELECT personal FROM orders")
    assert isinstance(sealed, bytes)
    assert b"Ada" not in sealed


@pytest.mark.parametrize("count", [1, 30])
async def test_the_list_asks_as_often_for_thirty_orders_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, count: int
):
    await shop_with(hub, *(order(str(number)) for number in range(count)))
    with statements(hub) as asked:
        await see(web, "/orders")
    assert len(asked) == 6


@pytest.mark.parametrize(
    ("path", "most"),
    [("/orders/1", 24), ("/stock?open=MUG", 7), ("/channels", 3), ("/waiting", 7), ("/alarms", 5)],
)
async def test_every_page_asks_a_fixed_number_of_times(
    hub: HubContext, web: httpx.AsyncClient, path: str, most: int
):
    await shop_with(hub, order("1", line("MUG"), line("TEE"), line("CUP")))
    number = (await rows(hub, "SELECT number FROM orders"))[0][0]
    with statements(hub) as asked:
        await see(web, path.replace("/orders/1", f"/orders/{number}"))
    assert len(asked) <= most


async def test_pages_of_orders_neither_skip_nor_repeat(hub: HubContext):
    await shop_with(hub, *(order(str(number)) for number in range(7)))
    seen: list[int] = []
    async with hub.db.transaction() as tx:
        while page := await list_orders(tx, OrderFilter(), after=after(seen), at=NOON, limit=3):
            seen += [row.number for row in page]
    assert (len(set(seen)), seen) == (7, sorted(seen, reverse=True))


def after(seen: list[int]) -> Position | None:
    return Position(NOON, seen[-1]) if seen else None


@pytest.mark.parametrize(
    ("query", "found"),
    [("shop-7", 1), ("MUG", 1), ("mug", 1), ("nothing", 0), ("%", 0), ("99999999999999999999", 0)],
)
async def test_orders_are_found_by_number_and_sku(hub: HubContext, query: str, found: int):
    await shop_with(hub, order("7", channel_order_number="shop-7"), order("8", line("TEE")))
    async with hub.db.transaction() as tx:
        rows_found = await list_orders(tx, OrderFilter(search=query), after=None, at=NOON, limit=9)
    assert len(rows_found) == found


async def test_views_narrow_the_list(hub: HubContext):
    soon, late = NOON + timedelta(hours=1), NOON - timedelta(hours=1)
    many = order("2", line("MUG", 99), ship_by=late)
    await shop_with(hub, order("1", ship_by=soon), many, order("3", canceled=True, ship_by=late))
    async with hub.db.transaction() as tx:
        pages = {
            view: await list_orders(tx, OrderFilter(view), after=None, at=NOON, limit=9) for view in View
        }
    seen = {view: [row.channel_order_number for row in page] for view, page in pages.items()}
    assert seen == {
        View.ALL: ["3", "2", "1"],
        View.OPEN: ["2", "1"],
        View.TODAY: ["2", "1"],
        View.LATE: ["2"],
        View.HELD: ["2"],
        View.CANCELED: ["3"],
    }


async def test_a_page_cut_off_by_hand_says_so(web: httpx.AsyncClient):
    assert "go back to the newest" in await see(web, "/orders?after=2026", 422)


async def test_a_total_that_is_not_the_sum_of_its_parts_shows_the_difference(
    hub: HubContext, web: httpx.AsyncClient
):
    await shop_with(hub, order("1", total=Decimal("10.00")))
    number = (await rows(hub, "SELECT number FROM orders"))[0][0]
    page = await see(web, f"/orders/{number}")
    assert "Difference" in page
    assert "€0.01" in page


async def test_an_unknown_order_helps_to_find_the_right_one(web: httpx.AsyncClient):
    page = await see(web, "/orders/4711", 404)
    assert "There is no order 4711" in page
    assert 'type="search"' in page


@pytest.mark.usefixtures("phone")
async def test_stock_explains_what_may_be_sold(web: httpx.AsyncClient):
    await web.post("/api/v1/orders", json=typed_order(quantity=2))
    page = " ".join((await see(web, "/stock")).split())
    assert "<dt>On hand</dt><dd>12</dd>" in page
    assert "<dt>− allocated to open orders</dt><dd>2</dd>" in page
    assert '<dt class="result">Available</dt><dd class="result">10</dd>' in page


@pytest.mark.usefixtures("phone")
async def test_an_adjustment_changes_stock_once(hub: HubContext, web: httpx.AsyncClient):
    form = {
        "sku": "MUG",
        "cause_id": "a",
        "location": "main",
        "mode": "change",
        "units": "-2",
        "reason": "broken",
    }
    for _ in range(2):
        answer = await send(web, "/stock/adjust", **form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/stock?open=MUG")
    assert await rows(hub, "SELECT on_hand FROM levels") == [(10,)]


@pytest.mark.usefixtures("phone")
async def test_a_count_sets_what_is_on_hand(hub: HubContext, web: httpx.AsyncClient):
    form = {
        "sku": "MUG",
        "cause_id": "a",
        "location": "main",
        "mode": "count",
        "units": "5",
        "reason": "counted",
    }
    await send(web, "/stock/adjust", **form)
    assert await rows(hub, "SELECT on_hand FROM levels") == [(5,)]


@pytest.mark.usefixtures("phone")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"units": "two"}, "Type a number"),
        ({"reason": " "}, "Say why"),
        ({"location": "moon"}, "there is no location moon"),
        ({"units": "0"}, "changes nothing"),
        ({"mode": "count", "units": "12"}, "The books say 12 already"),
    ],
)
async def test_a_wrong_adjustment_changes_nothing_and_says_why(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    form = {
        "sku": "MUG",
        "cause_id": "a",
        "location": "main",
        "mode": "change",
        "units": "1",
        "reason": "found",
    }
    answer = await send(web, "/stock/adjust", **(form | wrong))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, "SELECT on_hand FROM levels") == [(12,)]


@pytest.mark.usefixtures("phone")
async def test_suggestions_say_what_is_available(web: httpx.AsyncClient):
    suggested = (await web.get("/stock/suggest?q=mug", headers=BROWSER)).json()
    assert [(each["sku"], each["available"], each["ahead"]) for each in suggested] == [("MUG", 12, 0)]


@pytest.mark.usefixtures("phone")
async def test_a_page_of_another_site_cannot_take_an_order(hub: HubContext, web: httpx.AsyncClient):
    foreign = BROWSER | {"sec-fetch-site": "cross-site"}
    answer = await web.post("/orders/new", data={"name": "Eve", "item": "MUG"}, headers=foreign)
    assert (answer.status_code, await rows(hub, "SELECT id FROM orders")) == (403, [])


async def test_what_was_typed_is_shown_as_text_and_never_as_markup(web: httpx.AsyncClient, phone: ChannelRow):
    answer = await send(
        web, "/orders/new", name='"><script>alert(1)</script>', item="<b>", channel=phone.slug
    )
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text


@pytest.mark.usefixtures("phone")
async def test_a_raw_message_is_shown_exactly_as_it_came(hub: HubContext, web: httpx.AsyncClient):
    await web.post("/api/v1/orders", json=typed_order("typed-by-hand"))
    ((message_id,),) = await rows(hub, "SELECT id FROM inbox")
    assert "typed-by-hand" in await see(web, f"/messages/{message_id}")


async def test_channels_say_how_fresh_their_numbers_are(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    page = await see(web, "/channels")
    assert "3 not sent yet" in page
    assert "Healthy" in page


async def shop_with(hub: HubContext, *orders: IncomingOrder) -> None:
    async with hub.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 12, "TEE": 3, "CUP": 5})
        if orders:
            await take(tx, seller, *orders)


@pytest.mark.parametrize("path", ["/listings", "/channels/shop/shadow", "/channels/shop/sync"])
@pytest.mark.usefixtures("shop")
async def test_an_address_of_a_list_cut_off_by_hand_says_so(web: httpx.AsyncClient, path: str):
    await see(web, f"{path}?after=0199", 400)
