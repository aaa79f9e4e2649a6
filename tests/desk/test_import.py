"""A file is imported in a browser, also in one without script: choose it, see what it would change, apply it."""

from typing import Any

from tests.desk.conftest import Desk

STOCK: Any = {
    "name": "opening.csv",
    "mimeType": "text/csv",
    "buffer": b"sku,location,on hand\nMUG,main,25\nTAE,main,3\n",
}


async def test_a_file_is_seen_then_applied(desk: Desk):
    await import_it(desk)
    assert desk.complaints == []


async def test_a_file_is_seen_then_applied_without_script(plain_desk: Desk):
    await import_it(plain_desk)


async def test_a_page_of_an_import_fits_a_phone(phone_desk: Desk):
    await import_it(phone_desk)
    page = await phone_desk.open("/import")
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def import_it(desk: Desk) -> None:
    page = await desk.open("/import")
    await page.set_input_files("#file", STOCK)
    await page.get_by_role("button", name="Look at it").click()
    await page.get_by_text("there is no SKU TAE").wait_for()
    await page.get_by_role("link", name="Changed").click()
    await page.get_by_text("25", exact=True).wait_for()
    await page.get_by_role("button", name="Apply 1 row").click()
    await page.get_by_text("1 row applied").wait_for()
    await page.goto(f"{desk.url}/stock/MUG")
    await page.get_by_text("import of opening.csv").first.wait_for()
