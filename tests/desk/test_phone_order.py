"""A phone order is typed at the speed of talking, with script or without, and a double click is one order."""

import pytest
from playwright.async_api import Page, expect

from tests.desk.conftest import Desk, on_its_way

pytestmark = pytest.mark.anyio


async def test_keys_alone_take_an_order_and_show_its_number_large(desk: Desk):
    page = await desk.open("/orders/new")
    await page.keyboard.type("Ada Lovelace")
    await name_item(page, 0, "3 mu")
    await page.locator("#price-0").fill("12.50")
    await expect(page.locator("#total")).to_contain_text("37.50")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/orders/*?accepted=yes")
    number = await page.locator(".accepted .loud").inner_text()
    await expect(page.locator("h1")).to_have_text(f"Order {number}")
    assert desk.complaints == []


@pytest.mark.parametrize(
    ("keys", "item"),
    [(["Enter"], "TEE"), (["Tab"], "TEE"), (["ArrowDown", "Enter"], "tee")],  # the last one is a custom line
)
async def test_a_key_means_what_is_typed_while_the_list_still_shows_what_was(
    desk: Desk, keys: list[str], item: str
):
    page = await desk.open("/orders/new")
    await page.locator("#item-0").press_sequentially("mug")
    await expect(page.locator("#suggestion-0")).to_contain_text("MUG")
    async with on_its_way(page, "**/stock/suggest?q=tee") as asked:
        await page.locator("#item-0").fill("2 tee")
        await asked.wait()
        for key in keys:
            await page.keyboard.press(key)
    await expect(page.locator("#item-0")).to_have_value(item)


async def test_what_is_short_is_said_at_its_line_and_nothing_typed_is_lost(desk: Desk):
    page = await desk.open("/orders/new")
    await page.keyboard.type("Ada Lovelace")
    await name_item(page, 1, "9 tee")
    await page.locator("#price-1").fill("29")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#quantity-1-problem")).to_have_text("6 short")
    await expect(page.locator("#quantity-1")).to_be_focused()
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")


async def test_problems_stand_at_their_fields(desk: Desk):
    page = await desk.open("/orders/new")
    await page.locator("#email").fill("no address")
    await page.locator("#item-0").fill("UNKNOWN")
    await page.locator("#accept").click()
    await expect(page.locator("#email-problem")).to_contain_text("one @")
    await expect(page.locator("#item-0-problem")).to_contain_text("UNKNOWN")
    await expect(page.locator("#email")).to_have_value("no address")


async def test_an_item_is_added_to_an_order_with_the_same_words(desk: Desk):
    page = await desk.open("/orders")
    await page.locator(".orders a.row").click()
    await page.wait_for_url("**/orders/*")
    await page.get_by_text("Change this order").click()
    await page.get_by_label("Add an item").press_sequentially("2 te")
    await expect(page.locator("#suggestion-0")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Add an item")).to_have_value("TEE")
    await expect(page.get_by_label("Units to add")).to_have_value("2")


async def test_it_works_without_script(plain_desk: Desk):
    page = await plain_desk.open("/orders/new")
    await page.locator("#name").fill("Ada Lovelace")
    await page.locator("#item-0").fill("mug")
    await page.locator("#price-0").fill("12,50")
    await page.locator("#add-line").click()
    await expect(page.locator("#item-0")).to_have_value("MUG")
    await expect(page.locator(".line")).to_have_count(4)
    await page.locator("#accept").click()
    await expect(page.locator(".accepted .loud")).to_be_visible()


async def test_a_form_sent_twice_is_one_order(plain_desk: Desk):
    page = await plain_desk.open("/orders/new")
    form: dict[str, str | float | bool] = {
        "command_id": await page.locator("[name=command_id]").get_attribute("value") or "",
        "channel": "phone",
        "currency": "EUR",
        "name": "Ada",
        "item": "MUG",
        "quantity": "1",
        "price": "12.50",
    }
    answers = [await page.request.post(f"{plain_desk.url}/orders/new", form=form) for _ in range(2)]
    assert [answer.url for answer in answers] == [answers[0].url] * 2
    assert "accepted=yes" in answers[0].url


async def name_item(page: Page, row: int, words: str) -> None:
    """Type into an item's field and take the first suggestion."""
    await page.locator(f"#item-{row}").press_sequentially(words)
    await expect(page.locator("#suggestion-0")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#quantity-{row}")).to_be_focused()
