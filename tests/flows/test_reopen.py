"""What is open again is as it was: its holds with their facts, and no unit that was canceled before the order was."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from hub.flows.orders.end_unpaid import end_unpaid
from hub.flows.orders.hold import put_holds
from hub.flows.orders.pay import record_payments
from hub.kit.ids import uuid7
from hub.model.edits.deeds import Cancel, Reopen
from hub.model.incoming import Payment
from hub.model.orders.holds import Hold, Stock
from hub.model.orders.payments import Entry, Step, Tender
from hub.store.db import Tx
from tests.builders import NOON, line
from tests.flows.test_edits import Sold, sold

FACTS = "SELECT reason, stock, since, due_at, owner, note, put_by FROM holds ORDER BY reason"


async def held(tx: Tx, *holds: Hold) -> Sold:
    it = await sold(tx, line("MUG", 3))
    wanted = [Hold(it.number, each.reason, each.note, "ada", each.due_at, each.stock) for each in holds]
    await put_holds(tx, wanted, actor="bob", at=NOON - timedelta(hours=1))
    return it


@pytest.mark.parametrize("way", ["undone", "reopened", "reopened of the channel's"])
async def test_holds_come_back_as_they_were(tx: Tx, way: str) -> None:
    it = await held(tx, Hold(0, "fraud", "two cards", due_at=NOON), Hold(0, "gift wrap"))
    before = [tuple(row) for row in await tx.execute(text(FACTS))]
    done = None if way.endswith("channel's") else await it.edit(Cancel())
    if done is None:
        await it.told(line("MUG", 3), canceled=True)
    gone = await it.holds()
    await (it.undo(done) if done and way == "undone" else it.edit(Reopen()))
    after = [tuple(row) for row in await tx.execute(text(FACTS))]
    assert (gone, await it.holds(), after, await it.right()) == ([], ["fraud", "gift wrap"], before, True)


async def test_who_gave_their_stock_back_has_none_when_they_are_open_again(tx: Tx) -> None:
    it = await held(tx, Hold(0, "fraud", stock=Stock.RELEASED))
    await it.undo(await it.edit(Cancel()))
    assert (await it.allocated(), await it.holds(), await it.right()) == (0, ["fraud"], True)


@pytest.mark.parametrize("who", ["a person", "the channel", "the channel after a person who reopened it"])
async def test_only_what_that_cancel_took_comes_back(tx: Tx, who: str) -> None:
    it = await sold(tx, line("MUG", 6))
    if who.endswith("it"):
        await it.undo(await it.edit(Cancel()))
    await it.edit(Cancel({"MUG": 2}))
    await (it.edit(Cancel()) if who == "a person" else it.told(line("MUG", 6), canceled=True))
    all_gone = await it.lines()
    await it.edit(Reopen())
    assert (all_gone, await it.lines()) == ([("MUG", 6, 6, 0, 0)], [("MUG", 6, 2, 4, 0)])
    assert await it.right()


async def test_what_the_channel_canceled_one_by_one_stays_canceled(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 3))
    await it.told(line("MUG", 3), minute=1, canceled=True)
    await it.told(line("MUG", 3, canceled=1), minute=2, canceled=True)
    await it.edit(Reopen())
    assert await it.lines() == [("MUG", 3, 1, 2, 0)]


@pytest.mark.parametrize("costs", ["29.97", "0"])
async def test_of_a_channel_that_cancels_line_by_line_all_comes_back_and_stays(tx: Tx, costs: str) -> None:
    it = await sold(tx, line("MUG", 3))
    gone = line("MUG", 3, canceled=3, total=Decimal(costs), discount=Decimal(2))
    await it.told(gone, canceled=True)
    await it.edit(Reopen())
    await it.told(gone, minute=2, canceled=True)
    assert (await it.lines(), await it.holds(), await it.right()) == ([("MUG", 3, 0, 3, 0)], [], True)
    assert (await it.now()).order.total == Decimal("29.97")


async def test_an_order_that_was_paid_meanwhile_waits_for_its_payment_no_more(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 3), payment=Payment.PENDING)
    await tx.execute(text("UPDATE orders SET holds = '{payment}', pay_by = :at"), {"at": NOON})
    await tx.execute(
        text(
            "INSERT INTO holds (order_id, reason, stock, since) SELECT id, 'payment', 'released', :at FROM orders"
        ),
        {"at": NOON},
    )
    await it.edit(Cancel())
    await it.told(line("MUG", 3), payment=Payment.PAID)
    await it.edit(Reopen())
    assert (await it.holds(), await it.allocated()) == ([], 3)


async def test_a_transfer_that_came_while_it_was_canceled_ends_its_wait_for_payment(tx: Tx) -> None:
    it = await sold(tx, line("MUG", 3), payment=Payment.PENDING)
    await tx.execute(text("UPDATE orders SET pay_by = :at"), {"at": NOON})
    await end_unpaid(tx, at=NOON)
    await it.edit(Cancel())
    paid = Entry(uuid7(), it.number, Tender.BANK_TRANSFER, Step.CAPTURED, Decimal("29.97"))
    await record_payments(tx, [paid], actor="ada", at=NOON)
    await it.edit(Reopen())
    assert (await it.holds(), await it.allocated(), await it.right()) == ([], 3, True)
