"""What a clerk types survives a closed lid: saved without a button, reserved with a countdown, opened anywhere."""

from contextlib import AbstractAsyncContextManager

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from hub.flows.stock.reserve import expire
from hub.kit.clock import now
from tests.desk.conftest import Desk, on_its_way
from tests.desk.test_phone_order import name_item
from tests.system.town import until

pytestmark = pytest.mark.anyio


async def begin(desk: Desk) -> Page:
    page = await desk.open("/orders/new")
    await page.keyboard.type("Ada Lovelace")
    await name_item(page, 0, "2 mug")
    await expect(page.locator("#hint-0")).to_contain_text("2 reserved")
    return page


async def leave(desk: Desk) -> None:
    """Close the window, and wait until the hub has what was sent as it closed."""
    before = await kept(desk)
    await desk.page.goto("about:blank")

    async def has_come() -> bool:
        return await kept(desk) != before

    await until(has_come, "what was typed last is saved")


async def kept(desk: Desk) -> bytes:
    async with desk.ctx.db.transaction() as tx:
        return bytes(await tx.scalar(text("SELECT sealed FROM order_drafts")) or b"")


async def test_an_item_is_reserved_at_once_and_the_time_runs(desk: Desk):
    page = await begin(desk)
    await expect(page.locator("#saved")).to_have_text("Draft saved")
    first = await page.locator("#reserved time").inner_text()
    await expect(page.locator("#reserved time")).not_to_have_text(first)
    assert first.startswith(("15:00", "14:"))
    assert desk.complaints == []


async def test_a_closed_window_loses_nothing_and_another_machine_goes_on(desk: Desk):
    page = await begin(desk)
    await page.locator("#city").fill("Berlin")
    await leave(desk)
    await page.goto(f"{desk.url}/orders/new")
    await page.locator(".drafts summary").click()
    await page.locator(".drafts li a").click()
    await expect(page.locator("#city")).to_have_value("Berlin")
    await expect(page.locator("#hint-0")).to_contain_text("2 reserved")
    await page.locator("#price-0").fill("9")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/orders/*?accepted=yes")


async def test_what_is_typed_while_a_save_is_on_its_way_is_kept_after_it(desk: Desk):
    page = await desk.open("/orders/new")
    first, second = saved(page, "Ada"), saved(page, "Ada+Lovelace")
    async with first, second, on_its_way(page, "**/orders/new/save", first_only=True) as asked:
        await page.locator("#name").fill("Ada")
        await asked.wait()
        await page.locator("#name").fill("Ada Lovelace")
        await page.wait_for_timeout(800)  # longer than the page waits for another letter
    await page.reload()
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")


def saved(page: Page, name: str) -> AbstractAsyncContextManager[object]:
    """Within the block the hub is told this name, and answers."""
    return page.expect_response(lambda answer: f"name={name}&" in (answer.request.post_data or ""))


async def test_reloading_the_page_shows_what_was_typed(desk: Desk):
    page = await begin(desk)
    await page.reload()
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")


async def test_when_the_time_is_up_the_form_says_so_and_one_button_reserves_again(desk: Desk):
    page = await begin(desk)
    await page.locator("#reserved time").evaluate("node => node.dateTime = new Date().toISOString()")
    async with desk.ctx.db.transaction() as tx:
        await expire(tx, at=now().replace(year=2099))
    await expect(page.locator("#reserved .after").first).to_be_visible()
    await page.get_by_role("button", name="Reserve again").click()
    await expect(page.locator("#hint-0")).to_contain_text("2 reserved")
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")


async def test_dropping_a_draft_begins_an_empty_form(desk: Desk):
    page = await begin(desk)
    await page.get_by_role("button", name="Drop draft").click()
    await expect(page.locator("#name")).to_have_value("")
    await expect(page.locator(".drafts")).to_have_count(0)


async def test_a_hub_that_does_not_answer_is_said_and_saved_when_it_is_back(desk: Desk):
    page = await desk.open("/orders/new")
    await page.route("**/orders/new/save", lambda route: route.abort())
    await page.locator("#name").fill("Ada Lovelace")
    await expect(page.locator("#saved")).to_contain_text("Not saved")
    await page.unroute("**/orders/new/save")
    await expect(page.locator("#saved")).to_have_text("Draft saved")


async def test_without_script_every_button_saves(plain_desk: Desk):
    page = await plain_desk.open("/orders/new")
    await page.locator("#name").fill("Ada Lovelace")
    await page.locator("#item-0").fill("mug")
    await page.locator("#add-line").click()
    await expect(page.locator("#hint-0")).to_contain_text("1 reserved")
    await page.goto(f"{plain_desk.url}/orders/new")
    await page.locator(".drafts summary").click()
    await expect(page.locator(".drafts li")).to_contain_text("Ada Lovelace")
