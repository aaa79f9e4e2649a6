"""Every page and every action is reached by keys alone."""

import pytest
from playwright.async_api import expect

from tests.desk.conftest import Desk

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ("g s", "/stock"),
        ("g c", "/channels"),
        ("g w", "/waiting"),
        ("n", "/orders/new"),
        ("j Enter", "/orders/"),
    ],
)
async def test_keys_lead_from_orders_to(desk: Desk, keys: str, path: str):
    page = await desk.open("/orders")
    await desk.stop_the_clock()
    for key in keys.split():
        await page.keyboard.press(key)
    await page.wait_for_url(f"{desk.url}{path}*")


async def test_a_question_mark_shows_the_keys_and_escape_hides_them(desk: Desk):
    page = await desk.open("/orders")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


async def test_escape_leaves_the_search_and_then_the_order(desk: Desk):
    page = await desk.open("/orders")
    await page.locator("a.row").first.click()
    await page.wait_for_url("**/orders/*")
    await page.keyboard.press("/")
    await expect(page.locator("#search")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#search")).not_to_be_focused()
    await page.keyboard.press("Escape")
    await page.wait_for_url(f"{desk.url}/orders")


async def test_letters_typed_into_a_field_are_letters(desk: Desk):
    page = await desk.open("/orders")
    await page.locator("#search").press_sequentially("njg?")
    await expect(page.locator("#search")).to_have_value("njg?")
    assert page.url == f"{desk.url}/orders"


async def test_a_row_is_ticked_by_a_key_and_its_order_canceled_after_a_look(desk: Desk):
    page = await desk.open("/orders")
    cancel = page.get_by_role("button", name="Cancel …")
    await expect(cancel).to_be_hidden()
    for key in "jx":
        await page.keyboard.press(key)
    await cancel.click()
    await expect(page.get_by_text("Cancel 1 order?")).to_be_visible()
