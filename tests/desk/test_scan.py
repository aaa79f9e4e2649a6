"""A scanner types into the page, wherever the cursor is: its code opens the SKU; what hands type stays what it is."""

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from tests.desk.conftest import Desk

pytestmark = pytest.mark.anyio


# As a scanner does it: a key each millisecond, however busy the machine is, into whatever has the cursor.
SCAN = """code => {
  const began = performance.now();
  for (const [at_ms, key] of [...code, "Enter"].entries()) {
    const field = document.activeElement;
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    Object.defineProperty(event, "timeStamp", { value: began + at_ms });
    if (field.dispatchEvent(event) && "value" in field) field.value += key;
  }
}"""

# The page has no time for its timers between the two.
SLOW_HANDS = """keys => {
  for (const key of keys) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    for (const began = performance.now(); performance.now() - began < 100;);
  }
}"""


async def coded(desk: Desk, code: str = "n036000291452") -> None:
    """A code that begins with the letter of a shortcut."""
    async with desk.ctx.db.transaction() as tx:
        await tx.execute(text("UPDATE skus SET barcode = :code WHERE sku = 'MUG'"), {"code": code})


async def test_a_scan_anywhere_on_the_page_opens_the_sku_ready_to_adjust(desk: Desk):
    await coded(desk)
    page = await desk.open("/stock")
    await page.evaluate(SCAN, "n036000291452")
    await page.wait_for_url("**/stock/MUG?scanned=true")
    await expect(page.locator("#units")).to_be_focused()
    assert desk.complaints == []


async def test_a_scan_leaves_nothing_in_the_field_the_cursor_was_in(desk: Desk):
    page = await desk.open("/stock/TEE")
    await page.locator("#reason").fill("found")
    await page.route("**/scan?*", lambda route: route.fulfill(status=204))
    await page.evaluate(SCAN, "n036000291452")
    await expect(page.locator("#reason")).to_have_value("found")


async def test_an_unknown_code_is_offered_to_be_attached_on_a_phone(phone_desk: Desk):
    page = await phone_desk.open("/stock")
    await page.locator("[data-scan]").fill("5901234123457")
    await page.locator("[data-scan]").press("Enter")
    await page.wait_for_url("**/scan?code=*")
    await page.locator("#sku").fill("MUG")
    await page.get_by_role("option", name="MUG").click()
    await page.get_by_role("button", name="Attach the barcode").click()
    await page.wait_for_url("**/stock/MUG?scanned=true")


async def test_slow_hands_still_have_their_keys_on_a_page_that_is_busy_meanwhile(desk: Desk):
    page = await desk.open("/stock")
    await desk.stop_the_clock()
    await page.evaluate(SLOW_HANDS, "go")
    await page.wait_for_url(f"{desk.url}/orders")


async def test_a_camera_reads_a_code_where_the_browser_can(desk: Desk):
    await coded(desk)
    await desk.page.add_init_script(
        "window.BarcodeDetector = class { async detect() { return [{ rawValue: 'n036000291452' }] } };"
        "navigator.mediaDevices.getUserMedia = async () => new MediaStream();"
        "HTMLMediaElement.prototype.play = async () => {};"
    )
    page = await desk.open("/stock")
    await page.get_by_role("button", name="Camera").click()
    await page.wait_for_url("**/stock/MUG?scanned=true")


async def test_without_a_camera_there_is_no_button_for_one(desk: Desk):
    page = await desk.open("/stock")
    await expect(page.locator("[data-camera]")).to_be_hidden()
