"""What waits is settled on the page itself, by keys, with script or without, while the page keeps moving."""

import pytest
from playwright.async_api import expect

from hub.channels.holding import hold_orders
from hub.flows.orders.arrive import arrive_unread
from hub.flows.orders.take_orders import Seller
from hub.model.orders.holds import Hold
from hub.store.channels import channel_by_slug
from tests.builders import NOON, VAULT, line, order, take
from tests.desk.conftest import Desk

pytestmark = pytest.mark.anyio


async def test_a_listing_is_matched_by_typing_a_few_letters(desk: Desk):
    await wait_for_a_person(desk)
    page = await desk.open("/waiting")
    field = page.get_by_role("combobox")
    await field.press_sequentially("mu")
    await expect(page.locator("#suggestion-0")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("MUG")
    await page.keyboard.press("Enter")
    await expect(page.locator("#w-listings")).to_have_count(0)
    await expect(page.locator(".held")).to_have_count(0)
    assert desk.complaints == []


async def test_suggestions_stay_while_the_page_moves(desk: Desk):
    await wait_for_a_person(desk)
    page = await desk.open("/waiting")
    await page.get_by_role("combobox").press_sequentially("mu")
    await expect(page.locator("#suggestion-0")).to_be_visible()
    async with desk.ctx.db.transaction() as tx:
        await take(tx, await seller(desk), order("3", line("TEE", 99)))
    await desk.ctx.bell.announce("orders")
    await expect(page.locator(".held")).to_have_count(2)
    await expect(page.locator("#suggestion-0")).to_be_visible()


async def test_a_message_is_dismissed_without_script(plain_desk: Desk):
    await wait_for_a_person(plain_desk)
    page = await plain_desk.open("/waiting")
    await page.locator("summary", has_text="Dismiss").click()
    await page.get_by_label("Why does nobody need it?").fill("a test of theirs")
    await page.locator(".ask button").click()
    await expect(page.locator("#w-messages")).to_have_count(0)


async def test_each_button_under_what_is_ticked_asks_about_its_own_deed(desk: Desk):
    page = await desk.open("/orders")
    await page.locator("[name=pick]").check()
    await page.get_by_role("button", name="Ship …").click()
    await expect(page.get_by_role("heading", name="Let many leave")).to_be_in_viewport()
    number = await page.get_by_label("One order in each line").input_value()
    await hold_orders(desk.ctx, [Hold(int(number), "fraud")], actor="ada", at=NOON)
    await page.goto(f"{desk.url}/holds?reason=fraud")
    await page.locator("[name=pick]").check()
    await page.get_by_role("button", name="Resolve …").click()
    await expect(page.get_by_text("Resolve fraud of 1 order?")).to_be_visible()


async def wait_for_a_person(desk: Desk) -> None:
    """One order with a line nobody knows, and one message nobody can read."""
    async with desk.ctx.db.transaction() as tx:
        shop = await seller(desk)
        await take(tx, shop, order("2", line("POSTER", title="Poster, A2")))
        await arrive_unread(tx, VAULT, shop.id, b"?", key="a", reason="no JSON", source="webhook", at=NOON)


async def seller(desk: Desk) -> Seller:
    async with desk.ctx.db.transaction() as tx:
        shop = await channel_by_slug(tx, "web")
    assert shop is not None
    return Seller(shop.id, "web")
