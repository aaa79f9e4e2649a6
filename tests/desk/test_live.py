"""Pages change while one looks, and nothing a person typed, opened or focused is lost."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from hub.channels.holding import hold_orders
from hub.flows.orders.pick import NewList, begin_picking
from hub.flows.orders.take_orders import Seller
from hub.kit.ids import uuid7
from hub.model.orders.holds import Hold
from hub.store.channels import channel_by_slug
from tests.builders import MAIN, NOON, line, order, take
from tests.desk.conftest import Desk

pytestmark = pytest.mark.anyio
LATE_S = 0.5


async def test_a_new_order_appears_and_the_search_keeps_its_words_and_focus(desk: Desk):
    page = await desk.open("/orders")
    await expect(page.locator("#live .word")).to_have_text("Live")
    await page.locator("#search").press_sequentially("half a wo")
    await sell(desk, "second")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await expect(page.locator("#search")).to_have_value("half a wo")
    await expect(page.locator("#search")).to_be_focused()


async def test_a_half_typed_adjustment_survives_a_change_of_stock(desk: Desk):
    page = await desk.open("/stock?open=MUG")
    await page.locator("#reason").press_sequentially("bro")
    await desk.change_stock("MUG", 5)
    await expect(page.locator("#sku-MUG [data-label='On hand']")).to_have_text("17")
    await expect(page.locator("#reason")).to_have_value("bro")
    await expect(page.locator("#reason")).to_be_focused()


async def test_what_was_refused_stays_until_somebody_has_answered(desk: Desk):
    page = await desk.open("/stock?open=MUG")
    await page.locator("#units").fill("some")
    await page.locator("#units").press("Enter")
    await expect(page.locator("#units-problem")).to_be_visible()
    await desk.change_stock("MUG", 5)
    await page.wait_for_timeout(500)
    await expect(page.locator("#units")).to_have_value("some")
    await expect(page.locator("#units-problem")).to_be_visible()


async def test_what_was_refused_stays_when_the_page_was_being_fetched_meanwhile(desk: Desk):
    page = await desk.open("/orders")
    await page.locator("a.row").click()
    await page.get_by_text("Put on hold").click()
    await page.route(re.compile(r"/orders/\d+$"), late)
    async with page.expect_request(re.compile(r"/orders/\d+$")):
        await desk.change_stock("MUG", 5)
    await page.get_by_label("Reason").fill("oversold")
    await page.get_by_role("button", name="Hold", exact=True).click()
    await expect(page.locator("main [role=alert]")).to_be_visible()
    await page.wait_for_timeout(LATE_S * 1500)
    await expect(page.locator("main [role=alert]")).to_be_visible()


async def test_a_question_about_what_was_ticked_stays_until_it_is_answered(desk: Desk):
    page = await desk.open("/orders")
    await page.get_by_role("checkbox", name="Order", exact=False).last.check()
    await page.get_by_role("button", name="Cancel …").click()
    await expect(page.get_by_text("Cancel 1 order?")).to_be_visible()
    await sell(desk, "second")
    await page.wait_for_timeout(300)
    await page.get_by_role("button", name="Cancel them").click()
    await expect(page.get_by_text("1 order canceled.")).to_be_visible()


async def test_a_half_typed_change_survives_a_hold_that_somebody_else_puts(desk: Desk):
    page = await desk.open("/orders")
    await page.locator("a.row").click()
    await page.get_by_text("Change this order").click()
    await page.get_by_label("Units of A MUG").fill("3")
    await page.get_by_label("Our own note").fill("they call")
    number = int(page.url.rsplit("/", 1)[1])
    await hold_orders(desk.ctx, [Hold(number, "fraud")], actor="ada", at=NOON)
    await expect(page.get_by_text("Waits for", exact=True)).to_be_visible()
    await expect(page.get_by_label("Units of A MUG")).to_have_value("3")
    await expect(page.get_by_label("Our own note")).to_have_value("they call")


async def test_a_half_typed_reason_why_nothing_was_there_survives_a_new_order(desk: Desk):
    async with desk.ctx.db.transaction() as tx:
        made = await begin_picking(tx, NewList(uuid7(), MAIN, (), 1), elsewhere=(), actor="ada", at=NOON)
    page = await desk.open(f"/picks/{made.number}")
    await page.locator("summary", has_text="Not there").click()
    await page.get_by_label("Why").press_sequentially("bro")
    async with page.expect_response(re.compile(r"/picks/\d+$")):
        await sell(desk, "second")
    await page.wait_for_timeout(200)
    await expect(page.get_by_label("Why")).to_have_value("bro")
    await expect(page.get_by_label("Why")).to_be_focused()


async def test_an_unfolded_sum_stays_open_while_its_number_moves(desk: Desk):
    page = await desk.open("/stock")
    available = page.locator("#sku-TEE .c-n details")
    await available.locator("summary").click()
    await desk.change_stock("TEE", 4)
    await expect(available.locator("dd.result")).to_have_text("7")
    await expect(available).to_have_attribute("open", "")


async def test_what_changed_glows(desk: Desk):
    page = await desk.open("/orders")
    await expect(page.locator("#live .word")).to_have_text("Live")
    await sell(desk, "second")
    await expect(page.locator("tbody tr.glow")).to_have_count(1)
    await sell(desk, "third")
    await expect(page.locator("tbody tr.glow")).to_have_count(2)


async def late(route: Route) -> None:
    """What the page fetches for itself comes late; what a form sends does not."""
    if route.request.method == "GET":
        await asyncio.sleep(LATE_S)
    await route.continue_()


async def sell(desk: Desk, order_id: str) -> None:
    async with desk.ctx.db.transaction() as tx:
        shop = await channel_by_slug(tx, "web")
        assert shop is not None
        await take(tx, Seller(shop.id, "web"), order(order_id, line("TEE")))
    await desk.ctx.bell.announce("orders")
