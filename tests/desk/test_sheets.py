"""What is scanned into a sheet is entered one after the other: none is lost, none twice, whatever the network does."""

import pytest
from playwright.async_api import Route, expect

from hub.flows.stock.name_lots import track
from hub.model.stock.lots import Tracking
from tests.builders import NOON
from tests.desk.conftest import Desk, on_its_way
from tests.desk.test_scan import SCAN, coded

pytestmark = pytest.mark.anyio


async def test_three_quick_scans_are_three_units_of_a_transfer(desk: Desk):
    await coded(desk)
    page = await desk.open("/transfers/new?from=main&to=shop")
    await page.locator("#code").blur()  # the code begins with the letter of a shortcut
    for _ in range(3):
        await page.evaluate(SCAN, "n036000291452")
    await expect(page.locator("[name=units]")).to_have_value("3")
    await expect(page.locator("#code")).to_have_value("")
    assert desk.complaints == []


async def test_a_scan_waits_for_the_network_and_is_not_lost(desk: Desk):
    await coded(desk)
    page = await desk.open("/transfers/new?from=main&to=shop")
    tries: list[str] = []

    async def away_at_first(route: Route) -> None:
        tries.append(route.request.url)
        await (route.abort() if len(tries) == 1 else route.continue_())

    await page.route("**/transfers/new", away_at_first)
    await page.evaluate(SCAN, "n036000291452")
    await expect(page.locator("[data-waiting]")).to_contain_text("1 not sent yet")
    await expect(page.locator("[name=units]")).to_have_value("1")
    assert len(tries) == 2


async def test_what_is_sent_holds_the_scan_that_is_on_its_way(desk: Desk):
    await coded(desk)
    page = await desk.open("/transfers/new?from=main&to=shop")
    for _ in range(2):
        await page.evaluate(SCAN, "n036000291452")
    await expect(page.locator("[name=units]")).to_have_value("2")
    async with on_its_way(page, "**/transfers/new") as asked:
        await page.evaluate(SCAN, "n036000291452")
        await asked.wait()
        await page.get_by_role("button", name="Send now").click()
    await expect(page.get_by_role("cell", name="3", exact=True).first).to_be_visible()


async def test_words_choose_a_sku_and_how_many_on_a_phone(phone_desk: Desk):
    page = await phone_desk.open("/transfers/new?from=main&to=shop")
    await page.locator("#code").press_sequentially("3 mug")
    await page.get_by_role("option", name="MUG").click()
    await expect(page.locator("[name=units]")).to_have_value("3")
    await page.get_by_role("button", name="Send now").click()
    await expect(page.locator("h1")).to_contain_text("Transfer")
    await expect(page.get_by_text("In transit").first).to_be_visible()


async def test_what_no_suggestion_fits_is_entered_as_it_stands(desk: Desk):
    page = await desk.open("/transfers/new?from=main&to=shop")
    await page.locator("#code").press_sequentially("mug")
    await expect(page.get_by_role("option", name="MUG")).to_be_visible()
    await page.route("**/stock/suggest*", lambda route: route.abort())
    await page.keyboard.type("z")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("mugz").first).to_be_visible()
    await expect(page.locator("#code")).not_to_have_value("mug")


async def test_a_transfer_is_sent_without_script(plain_desk: Desk):
    page = await plain_desk.open("/transfers/new?from=main&to=shop")
    await page.locator("#code").fill("MUG")
    await page.locator("#code").press("Enter")
    await page.get_by_role("button", name="Send now").click()
    await page.wait_for_url("**/transfers/*")
    await expect(page.get_by_text("In transit").first).to_be_visible()


async def test_a_phone_counts_by_scanning_and_takes_a_scan_back(phone_desk: Desk):
    await coded(phone_desk)
    page = await phone_desk.open("/counts/new")
    await page.get_by_label("All that lies there").check()
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator("form[data-scan-into]")).to_be_visible()
    await page.wait_for_load_state("load")
    for _ in range(3):
        await page.evaluate(SCAN, "n036000291452")
    await expect(page.locator("#entered .loud")).to_have_text("3")
    await page.get_by_role("button", name="Take +1 back").click()
    await expect(page.locator("#line-MUG, #entered")).to_have_count(0)
    await page.get_by_role("link", name="Counted", exact=True).click()
    await expect(page.locator("#line-MUG .found")).to_have_text("2")
    assert phone_desk.complaints == []


async def test_a_serial_number_is_scanned_where_it_belongs(desk: Desk):
    async with desk.ctx.db.transaction() as tx:
        await track(tx, "TEE", Tracking.SERIAL, actor="test", at=NOON)
    page = await desk.open("/receipts/new?location=main")
    await page.locator("#code").press_sequentially("2 tee")
    await page.get_by_role("option", name="TEE").click()
    await page.locator("#lot-0").focus()
    for number in ("SN-4711-0815", "SN-4711-0816"):
        await page.evaluate(SCAN, number)
    await expect(page.locator("#lot-0")).to_have_value("SN-4711-0815")
    await expect(page.locator("#lot-1")).to_have_value("SN-4711-0816")
    await expect(page.locator("#code")).to_be_focused()
