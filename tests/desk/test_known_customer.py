"""Whoever has ordered before is known by phone or e-mail as one types, and one key takes them over."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from playwright.async_api import expect

from hub.flows.orders.take_orders import Seller
from hub.kit.clock import now
from hub.model.incoming import Address, Person
from hub.store.channels import channel_by_slug
from tests.builders import line, order, take
from tests.desk.conftest import Desk, on_its_way

pytestmark = pytest.mark.anyio
BERLIN = Address(street="Lindenstr. 12", postcode="10969", city="Berlin", country="DE")
ADA = Person("Ada Lovelace", "ada.l@example.com", "+49 30 5550101", shipping=BERLIN)
BOB = Person("Bob Babbage", "bob@example.com", "+49 30 5550101")


async def test_a_known_caller_is_taken_over_with_one_key_and_the_next_is_an_item(desk: Desk):
    await sell(desk, ADA)
    page = await desk.open("/orders/new")
    await page.keyboard.type("030 5550101")
    await expect(page.locator(".choose")).to_contain_text("Lindenstr. 12, 10969 Berlin, DE")
    await page.keyboard.press("Tab")
    await page.keyboard.type("2 tee")
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")
    await expect(page.locator("#city")).to_have_value("Berlin")
    await expect(page.locator("#item-0")).to_have_value("2 tee")
    await expect(page.locator("#past li")).to_have_count(1)
    assert desk.complaints == []


async def test_enter_does_not_need_to_wait_for_the_list(desk: Desk):
    await sell(desk, ADA)
    page = await desk.open("/orders/new")
    await page.keyboard.type("ada.l@example.com")
    await page.keyboard.press("Enter")
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")
    await expect(page.locator("#item-0")).to_be_focused()


async def test_enter_waits_for_an_answer_that_is_on_its_way(desk: Desk):
    await sell(desk, ADA)
    page = await desk.open("/orders/new")
    async with on_its_way(page, "**/orders/new/known") as asked:
        await page.keyboard.type("ada.l@example.com")
        await asked.wait()
        await page.keyboard.press("Enter")
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")


async def test_tab_takes_nobody_whose_number_is_not_typed_any_more(desk: Desk):
    await sell(desk, ADA)
    await sell(desk, replace(BOB, phone=f"{ADA.phone}2"), "b")
    page = await desk.open("/orders/new")
    await page.keyboard.type("030 5550101")
    await expect(page.locator(".option")).to_contain_text("Ada")
    async with on_its_way(page, "**/orders/new/known") as asked:
        await page.keyboard.type("2")
        await asked.wait()
        await page.keyboard.press("Tab")
    await expect(page.locator("#name")).to_have_value("Bob Babbage")


async def test_tab_goes_on_where_the_hub_does_not_answer(desk: Desk):
    await sell(desk, ADA)
    page = await desk.open("/orders/new")
    await page.keyboard.type("030 5550101")
    await expect(page.locator(".option")).to_contain_text("Ada")
    await page.route("**/orders/new/known", lambda route: route.abort())
    async with page.expect_event("requestfailed"):
        await page.keyboard.type("2")
    await expect(page.locator(".option")).to_be_hidden()
    await page.keyboard.press("Tab")
    await expect(page.locator("#name")).not_to_be_focused()


async def test_arrows_choose_among_people_who_share_a_phone(desk: Desk):
    await sell(desk, ADA)
    await sell(desk, BOB, "b")
    page = await desk.open("/orders/new")
    await page.locator("#phone").fill("+49 30 5550101")
    await expect(page.locator(".option")).to_have_count(2)
    chosen = page.locator(".option", has_text="Bob Babbage")
    for _ in range(2):
        await page.keyboard.press("ArrowDown")
        if await chosen.evaluate("node => node === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#name")).to_have_value("Bob Babbage")
    await expect(page.locator(".choose")).to_have_count(0)


async def test_escape_leaves_what_was_typed_and_a_new_customer_says_so(desk: Desk):
    await sell(desk, ADA)
    page = await desk.open("/orders/new")
    await page.keyboard.type("030 5550101")
    await expect(page.locator(".choose")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".choose")).to_be_hidden()
    await page.locator("#name").fill("0171 2345678")
    await expect(page.locator("#standing")).to_have_text("New customer")


async def test_the_same_basket_minutes_ago_is_said_before_one_accepts(desk: Desk):
    await sell(desk, ADA, ago=timedelta(minutes=4))
    page = await desk.open("/orders/new")
    await page.keyboard.type("ada.l@example.com")
    await page.keyboard.press("Enter")
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")
    await page.locator("#item-0").press_sequentially("mug")
    await expect(page.locator("#suggestion-0")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.locator("#price-0").fill("9")
    await expect(page.locator("#twins")).to_contain_text("Ordered minutes ago")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/orders/*?accepted=yes")


async def test_without_script_a_button_finds_the_customer(plain_desk: Desk):
    await sell(plain_desk, ADA)
    page = await plain_desk.open("/orders/new")
    await page.locator("#phone").fill("030 5550101")
    await page.get_by_role("button", name="Find customer").click()
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")
    await expect(page.locator("#street")).to_have_value("Lindenstr. 12")
    await expect(page.locator("#past li")).to_have_count(1)


async def test_the_search_finds_a_customer_and_no_address_names_them(desk: Desk):
    await sell(desk, ADA)
    page = await desk.open("/orders")
    await page.keyboard.press("/")
    await page.keyboard.type("ada.l@example.com")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/orders?customer=*")
    await expect(page.locator("tbody tr")).to_have_count(1)
    assert page.url.partition("?customer=")[2].replace("-", "").isalnum()  # an id: no "@", no "."


async def test_what_has_no_sku_is_a_custom_line_by_choice_only(desk: Desk):
    page = await desk.open("/orders/new")
    await page.locator("#item-0").press_sequentially("2 engravings")
    await expect(page.locator("#suggestion-0")).to_contain_text("takes no stock")
    await page.keyboard.press("Enter")
    await expect(page.locator("#item-0")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.type("4.50")
    await expect(page.locator("#item-0")).to_have_value("engravings")
    await expect(page.locator("#line-0 [name=custom]")).to_be_checked()
    await expect(page.locator("#total")).to_contain_text("9.00")


async def sell(desk: Desk, person: Person, order_id: str = "a", ago: timedelta = timedelta(days=2)) -> None:
    at = now() - ago
    async with desk.ctx.db.transaction() as tx:
        shop = await channel_by_slug(tx, "web")
        assert shop is not None
        known = order(order_id, line("MUG"), person=person, placed_at=at, updated_at=at)
        await take(tx, Seller(shop.id, "web"), known)
