"""The page of alarms says what is in trouble, since when and who was told; a person dismisses and sets thresholds."""

import httpx
import pytest
from sqlalchemy import text

from hub.channels.context import HubContext
from hub.channels.notifiers import add_notifier
from hub.flows.stock.watch_stock import watch_stock
from hub.kit.clock import now
from tests.builders import line, open_shop, order, take
from tests.web.conftest import rows, statements
from tests.web.test_desk_pages import see, send

pytestmark = pytest.mark.anyio
MAIL = {"host": "smtp.example.com", "sender": "hub@shop.example", "recipients": "me@shop.example"}
TOLD = "UPDATE tellings SET state = 'told', settled_at = now()"


@pytest.fixture
async def trouble(hub: HubContext) -> None:
    """Mugs are out and oversold, one tee is left, and the owner was told."""
    await add_notifier(hub, kind="mail", slug="owner", settings=MAIL)
    async with hub.db.transaction() as tx:
        seller = await open_shop(tx, {"MUG": 3, "TEE": 3})
        await take(tx, seller, order("1", line("MUG", 5), line("TEE", 2)))
        await watch_stock(tx, at=now())
        await tx.execute(text(TOLD))


def plain(page: str) -> str:
    return " ".join(page.split())


@pytest.mark.usefixtures("trouble")
async def test_an_alarm_says_what_is_left_and_who_was_told_and_leads_on(web: httpx.AsyncClient):
    page = plain(await see(web, "/alarms"))
    for said in ("2 more units sold than there are", "nothing left", "1 left, threshold 2"):
        assert said in page
    assert '<a class="row strong" href="/stock/TEE">Tee</a>' in page
    assert "<dt>owner</dt>" in page
    assert 'href="/orders?view=held"' in page


@pytest.mark.usefixtures("trouble")
async def test_a_tab_shows_one_kind_and_every_page_and_the_metrics_count_the_open_ones(
    web: httpx.AsyncClient,
):
    page = plain(await see(web, "/alarms?kind=low_stock"))
    assert ("1 left, threshold 2" in page, "nothing left" in page) == (True, False)
    assert 'id="alarms-count">3<' in plain(await see(web, "/orders"))
    assert 'hub_alarms_open{kind="low_stock"} 1.0' in (await web.get("/metrics")).text


@pytest.mark.usefixtures("trouble")
async def test_the_page_of_a_sku_shows_its_open_alarms_and_no_others(web: httpx.AsyncClient):
    page = await see(web, "/stock/TEE")
    assert ("1 left, threshold 2" in page, "nothing left" in page) == (True, False)


@pytest.mark.usefixtures("trouble")
async def test_a_dismissed_alarm_leaves_the_page_and_stays_in_what_there_was(
    hub: HubContext, web: httpx.AsyncClient
):
    ((alarm_id,),) = await rows(hub, "SELECT id FROM alarms WHERE kind = 'low_stock'")
    assert (await send(web, f"/alarms/{alarm_id}/dismiss")).headers["location"] == "/alarms"
    assert "threshold 2" not in await see(web, "/alarms")
    assert "threshold 2" in await see(web, "/alarms?ended=true")
    assert (await send(web, f"/alarms/{alarm_id}/dismiss")).status_code == 404
    assert (await send(web, f"/alarms/{alarm_id}x/dismiss")).status_code == 404


@pytest.mark.usefixtures("trouble")
async def test_a_threshold_typed_on_the_page_of_a_sku_opens_an_alarm_at_once(
    hub: HubContext, web: httpx.AsyncClient
):
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"CUP": 9}, slug="other")
    assert (await send(web, "/stock/threshold", sku="CUP", low_at="12")).headers["location"] == "/stock/CUP"
    assert "9 left, threshold 12" in await see(web, "/stock/CUP")
    await send(web, "/stock/threshold", sku="CUP", low_at="")
    assert "9 left, threshold 12" not in await see(web, "/stock/CUP")


@pytest.mark.parametrize("typed", ["many", "-1", "1000001", "²"])
async def test_a_threshold_that_is_no_number_comes_back_with_what_was_typed(
    hub: HubContext, web: httpx.AsyncClient, typed: str
):
    async with hub.db.transaction() as tx:
        await open_shop(tx, {"CUP": 9})
    answer = await send(web, "/stock/threshold", sku="CUP", low_at=typed)
    assert (answer.status_code, f'value="{typed}"' in answer.text) == (422, True)
    assert await rows(hub, "SELECT count(*) FROM alarm_thresholds") == [(0,)]
    assert (await send(web, "/stock/threshold", sku="GHOST", low_at="3")).status_code == 404


async def test_what_holds_for_every_sku_is_set_or_comes_back_with_what_is_wrong(web: httpx.AsyncClient):
    good = {"low_stock": "5", "unmoved_days": "90", "expiry_days": "14"}
    assert (await send(web, "/alarms/defaults", **good)).headers["location"] == "/alarms"
    assert "low at 5, aging after 90 days" in await see(web, "/alarms")
    for field, typed in (("low_stock", "few"), ("unmoved_days", "0"), ("expiry_days", "99999")):
        answer = await send(web, "/alarms/defaults", **(good | {field: typed}))
        assert (answer.status_code, f'id="{field}-problem"' in answer.text) == (422, True)
    assert "low at 5, aging after 90 days" in await see(web, "/alarms")


async def test_a_page_of_alarms_ends_where_the_next_begins_and_asks_a_fixed_number_of_times(
    hub: HubContext, web: httpx.AsyncClient
):
    async with hub.db.transaction() as tx:
        await open_shop(tx, {f"S{number:02}": 1 for number in range(60)})
        await watch_stock(tx, at=now())
    with statements(hub) as asked:
        first = await see(web, "/alarms")
    (older,) = [part.split('"')[0] for part in first.split('href="')[1:] if "before=" in part.split('"')[0]]
    second = await see(web, older.replace("&amp;", "&"))
    assert (first.count('id="alarm-'), second.count('id="alarm-'), len(asked)) == (50, 10, 5)
