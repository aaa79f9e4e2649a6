"""What somebody is typing over stays as they saw it; what moved meanwhile is shown before it is overwritten."""

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.kit.ids import uuid7
from hub.model.edits.deeds import SetUnits
from tests.builders import NOON
from tests.desk.conftest import Desk

pytestmark = pytest.mark.anyio
ORDER = "SELECT o.number, l.channel_line_id FROM order_lines l JOIN orders o ON o.id = l.order_id"


async def somebody_else_wants(desk: Desk, quantity: int) -> None:
    async with desk.ctx.db.transaction() as tx:
        number, line = (await tx.execute(text(ORDER))).one()
        edit = Edit(uuid7(), number, [SetUnits(line, quantity)])
        await edit_orders(tx, desk.ctx.vault, [edit], actor="bob", at=NOON)
    await desk.ctx.bell.announce("orders")


async def test_news_that_comes_while_somebody_types_is_shown_before_it_is_overwritten(desk: Desk):
    async with desk.ctx.db.transaction() as tx:
        number = await tx.scalar(text("SELECT number FROM orders"))
    page = await desk.open(f"/orders/{number}")
    change, alert = page.get_by_role("button", name="Change", exact=True), page.get_by_role("alert")
    await page.get_by_text("Change this order").click()
    await page.get_by_role("textbox", name="Units of").fill("2")
    await somebody_else_wants(desk, 3)
    await expect(page.get_by_role("cell", name="3", exact=True).first).to_be_visible()
    await change.click()
    await expect(alert).to_contain_text("You saw quantity: 1, now 3.")
    await change.click()
    await expect(alert).to_have_count(0)
    async with desk.ctx.db.transaction() as tx:
        assert await tx.scalar(text("SELECT quantity FROM order_lines")) == 2
