"""Everything that waits has a button that ends its waiting (L13): once, with who and when, and with nothing lost."""

from uuid import UUID

import httpx
import pytest

from hub.channels.context import HubContext
from hub.flows.orders.arrive import arrive_unread
from hub.flows.orders.hold_gone import hold_gone
from hub.flows.orders.take_orders import Seller
from hub.model.incoming import IncomingOrder
from hub.store.channels import channel_by_slug, pause
from tests.builders import NOON, line, open_shop, order, take
from tests.web.conftest import rows, statements

pytestmark = pytest.mark.anyio
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
POSTER = line("POSTER", 2, title="Poster, A2")


async def see(web: httpx.AsyncClient, path: str = "/waiting") -> str:
    answer = await web.get(path, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


async def press(web: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    return await web.post(path, data=fields, headers=BROWSER)


async def shop_with(hub: HubContext, *orders: IncomingOrder) -> UUID:
    async with hub.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 12, "TEE": 3})
        if orders:
            await take(tx, seller, *orders)
    return seller.id


async def number(hub: HubContext, channel_order_id: str = "1") -> int:
    found = await rows(hub, f"SELECT number FROM orders WHERE channel_order_id = '{channel_order_id}'")
    value = found[0][0]
    assert isinstance(value, int)
    return value


async def park(hub: HubContext) -> UUID:
    """A message nobody can read waits."""
    channel_id = await shop_with(hub)
    async with hub.db.transaction() as tx:
        arrived = await arrive_unread(
            tx, hub.vault, channel_id, b"?", key="a", reason="no JSON", source="webhook", at=NOON
        )
    return arrived.ids[0]


async def test_a_parked_message_is_dismissed_with_its_reason_and_only_once(
    hub: HubContext, web: httpx.AsyncClient
):
    message_id = await park(hub)
    for reason in ("typed twice", "another"):
        answer = await press(web, f"/waiting/messages/{message_id}/dismiss", reason=reason)
        assert (answer.status_code, answer.headers["location"]) == (303, "/waiting")
    assert await rows(hub, "SELECT state, reason FROM inbox") == [("ignored", "dismissed: typed twice")]
    told = "SELECT kind, actor, facts ->> 'message' FROM events WHERE kind = 'dismissed'"
    assert await rows(hub, told) == [("dismissed", "desk", str(message_id))]
    assert "Nothing waits for you" in await see(web)


async def test_a_held_order_and_a_parked_message_say_what_they_need(hub: HubContext, web: httpx.AsyncClient):
    await park(hub)
    async with hub.db.transaction() as tx:
        shop = await channel_by_slug(tx, "web")
        assert shop is not None
        await take(tx, Seller(shop.id, "web"), order("1", line("TEE", 99)))
    page = await see(web)
    assert "needs stock, or a cancellation" in page
    assert "no JSON" in page


async def test_a_parked_message_is_tried_again_from_its_button(hub: HubContext, web: httpx.AsyncClient):
    answer = await press(web, f"/waiting/messages/{await park(hub)}/retry")
    assert (answer.status_code, answer.headers["location"]) == (303, "/waiting")
    assert await rows(hub, "SELECT state FROM inbox") == [("waiting",)]


async def test_a_dismissal_without_a_reason_changes_nothing_and_asks_for_one(
    hub: HubContext, web: httpx.AsyncClient
):
    message_id = await park(hub)
    answer = await press(web, f"/waiting/messages/{message_id}/dismiss", reason="  ")
    assert (answer.status_code, "say in a few words why" in answer.text) == (422, True)
    assert await rows(hub, "SELECT state FROM inbox") == [("parked",)]


async def test_an_order_its_channel_lost_is_resolved_by_a_person_and_says_so(
    hub: HubContext, web: httpx.AsyncClient
):
    await gone(hub)
    await press(web, f"/orders/{await number(hub)}/resolve", hold="review")
    assert await rows(hub, "SELECT holds FROM orders") == [([],)]
    assert await rows(hub, "SELECT actor, facts FROM events WHERE kind = 'resolved'") == [
        ("desk", {"hold": "review"})
    ]
    page = await see(web, f"/orders/{await number(hub)}")
    assert "The channel has this order no more" in page
    assert "Looked into and resolved: review" in page


async def test_from_the_page_of_the_order_one_stays_there(hub: HubContext, web: httpx.AsyncClient):
    await gone(hub)
    path = f"/orders/{await number(hub)}"
    assert 'name="hold" value="review"' in await see(web, path)
    answer = await press(web, f"{path}/resolve", hold="review", stay="yes")
    assert answer.headers["location"] == path


async def test_a_lack_of_stock_is_not_resolved_by_a_word(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub, order("1", line("TEE", 9)))
    answer = await press(web, f"/orders/{await number(hub)}/resolve", hold="oversold")
    assert (answer.status_code, await rows(hub, "SELECT holds FROM orders")) == (409, [(["oversold"],)])


async def test_an_oversold_order_leads_to_the_stock_it_lacks(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub, order("1", line("TEE", 9), line("MUG")))
    page = await see(web)
    assert 'href="/stock?q=TEE&amp;open=TEE"' in page
    assert "open=MUG" not in page


async def test_a_sale_beyond_the_books_leads_to_its_stock_too(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub, order("1", line("TEE", 9, fulfilled=9)))
    assert 'href="/stock?q=TEE&amp;open=TEE"' in await see(web)


async def test_one_match_lets_every_order_go_on_that_waited_for_it(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub, order("1", POSTER), order("2", POSTER))
    listing_id = (await rows(hub, "SELECT id FROM listings WHERE sku IS NULL"))[0][0]
    page = await see(web)
    assert page.count(f'href="#match-{listing_id}"') == 2
    assert "2 orders wait" in page
    answer = await press(web, f"/waiting/listings/{listing_id}/match", sku="mug", units="3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/waiting")
    assert await rows(hub, "SELECT holds FROM orders") == [([],), ([],)]
    assert await rows(hub, "SELECT allocated FROM levels WHERE sku = 'MUG'") == [(12,)]


async def test_a_listing_somebody_matched_meanwhile_stays_as_it_is(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub, order("1", POSTER))
    listing_id = (await rows(hub, "SELECT id FROM listings WHERE sku IS NULL"))[0][0]
    for sku in ("MUG", "TEE"):
        assert (await press(web, f"/waiting/listings/{listing_id}/match", sku=sku)).status_code == 303
    assert await rows(hub, f"SELECT sku FROM listings WHERE id = '{listing_id}'") == [("MUG",)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sku": "CUP"}, "No SKU, barcode or name is “CUP”"),
        ({"sku": ""}, "Which SKU is it?"),
        ({"sku": "MUG", "units": "0"}, "1 or more"),
    ],
)
async def test_a_wrong_match_changes_nothing_and_says_why(
    hub: HubContext, web: httpx.AsyncClient, wrong: dict[str, str], said: str
):
    await shop_with(hub, order("1", POSTER))
    listing_id = (await rows(hub, "SELECT id FROM listings WHERE sku IS NULL"))[0][0]
    answer = await press(web, f"/waiting/listings/{listing_id}/match", **wrong)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert await rows(hub, "SELECT holds FROM orders") == [(["unmatched"],)]


async def test_a_rejected_number_is_sent_again_with_a_new_version(hub: HubContext, web: httpx.AsyncClient):
    await shop_with(hub)
    await rows(hub, "UPDATE publications SET sent_version = 1, outcome = 'rejected' RETURNING 1")
    assert "Send again" in await see(web)
    await press(web, "/waiting/publications/retry", sku="MUG")
    versions = "SELECT l.sku, p.version FROM publications p JOIN listings l ON l.id = p.listing_id ORDER BY 1"
    assert await rows(hub, versions) == [("MUG", 2), ("TEE", 1)]


async def test_a_paused_channel_goes_on_from_its_button(hub: HubContext, web: httpx.AsyncClient):
    channel_id = await shop_with(hub)
    async with hub.db.transaction() as tx:
        await pause(tx, channel_id, at=NOON)
    assert "Resume" in await see(web)
    await press(web, "/waiting/channels/web/resume")
    async with hub.db.transaction() as tx:
        row = await channel_by_slug(tx, "web")
    assert row is not None
    assert row.state == "active"


async def test_held_orders_stand_oldest_day_first_and_the_costliest_of_a_day_on_top(
    hub: HubContext, web: httpx.AsyncClient
):
    cheap, dear = order("cheap", line("TEE", 4)), order("dear", line("TEE", 50), minute=5)
    await shop_with(hub, cheap, dear, order("old", line("TEE", 5), placed_at=NOON.replace(day=20)))
    page = await see(web)
    places = [page.index(f'id="held-{await number(hub, name)}"') for name in ("old", "dear", "cheap")]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [1, 20])
async def test_the_page_asks_as_often_for_twenty_waiting_orders_as_for_one(
    hub: HubContext, web: httpx.AsyncClient, count: int
):
    await shop_with(hub, *(order(str(each), POSTER, line("TEE", 9)) for each in range(count)))
    with statements(hub) as asked:
        await see(web)
    assert len(asked) == 7


async def gone(hub: HubContext) -> None:
    channel_id = await shop_with(hub, order("1"))
    async with hub.db.transaction() as tx:
        await hold_gone(tx, channel_id, ["1"], actor="web", at=NOON)
