"""A payment is recorded once; what is paid in full gets back the stock it lost, and no later snapshot unsays it."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.end_unpaid import end_unpaid
from hub.flows.orders.pay import Paid, record_payments
from hub.flows.orders.record_edits import Done
from hub.flows.orders.take_orders import Seller
from hub.flows.orders.undo import undo_edits
from hub.kit.ids import uuid7
from hub.model.edits.deeds import Refund, SetUnits
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.incoming import Payment
from hub.model.orders.paying import Patience
from hub.model.orders.payments import Entry, Step, Tender
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.payments import accounts_of
from tests.builders import NOON, VAULT, line, open_shop, order, take

LATER = NOON + timedelta(days=3)
ORDER = "SELECT payment, holds FROM orders"
STOCK = "SELECT allocated FROM levels WHERE sku = 'MUG' ORDER BY location"


async def unpaid(tx: Tx, units: int = 2) -> tuple[Seller, int]:
    """An order of 9.99 a mug that waits for its payment, and keeps its stock for two days."""
    seller = replace(await open_shop(tx, {"MUG": 10}), patience=Patience(48))
    (made,) = (await take(tx, seller, order("1", line("MUG", units), payment=Payment.PENDING))).orders
    return seller, made.number


async def pay(
    tx: Tx, number: int, amount: str, step: Step = Step.CAPTURED, entry_id: UUID | None = None
) -> Paid:
    entry = Entry(entry_id or uuid7(), number, Tender.BANK_TRANSFER, step, Decimal(amount))
    return await record_payments(tx, [entry], actor="ada", at=LATER)


async def say_back(tx: Tx, number: int, amount: str) -> Done:
    wanted = [Edit(uuid7(), number, [Refund(Decimal(amount))])]
    return await edit_orders(tx, VAULT, wanted, actor="ada", at=LATER)


async def row(tx: Tx, query: str) -> tuple[object, ...]:
    return tuple((await tx.execute(text(query))).one())


async def test_a_payment_that_comes_late_gets_the_stock_back_that_was_given_up(tx: Tx) -> None:
    _, number = await unpaid(tx)
    await end_unpaid(tx, at=LATER)
    assert (await row(tx, ORDER), await row(tx, STOCK)) == (("pending", ["payment"]), (0,))
    await pay(tx, number, "19.98")
    assert (await row(tx, ORDER), await row(tx, STOCK)) == (("paid", []), (2,))
    assert all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))


async def test_a_part_keeps_the_order_waiting_and_says_what_is_due(tx: Tx) -> None:
    _, number = await unpaid(tx)
    done = await pay(tx, number, "10")
    assert (done.accounts[number].due, await row(tx, ORDER)) == (Decimal("9.98"), ("pending", []))


async def test_the_same_payment_again_changes_nothing(tx: Tx) -> None:
    _, number = await unpaid(tx)
    payment = uuid7()
    first, again = [await pay(tx, number, "19.98", entry_id=payment) for _ in range(2)]
    assert (first.ids, len(again.ids), again.accounts[number].over) == ([payment], 0, Decimal(0))


async def test_a_snapshot_that_still_waits_for_the_payment_does_not_unsay_it(tx: Tx) -> None:
    seller, number = await unpaid(tx)
    await pay(tx, number, "19.98")
    again = order("1", line("MUG", 2), minute=5, payment=Payment.PENDING)
    await take(tx, seller, again, at=LATER)
    assert (await row(tx, ORDER), await row(tx, STOCK)) == (("paid", []), (2,))


async def test_c40_no_more_is_given_back_than_was_paid(tx: Tx) -> None:
    _, number = await unpaid(tx)
    await pay(tx, number, "19.98")
    await pay(tx, number, "9.99", Step.REFUNDED)
    with pytest.raises(InputError, match=r"9.99 was paid and not given back"):
        await pay(tx, number, "10", Step.REFUNDED)
    assert await row(tx, ORDER) == ("partly refunded", [])
    with pytest.raises(NotFoundError):
        await pay(tx, 9, "1")


async def test_what_has_left_can_be_refunded(tx: Tx) -> None:
    seller, number = await unpaid(tx)
    shipped = order("1", line("MUG", 2, fulfilled=2), minute=5)
    await take(tx, seller, shipped)
    assert (await pay(tx, number, "19.98", Step.REFUNDED)).accounts[number].payment == "refunded"


async def test_what_a_person_said_goes_back_is_owed_until_it_went(tx: Tx) -> None:
    _, number = await unpaid(tx)
    await pay(tx, number, "19.98")
    await tx.execute(text("UPDATE orders SET refunded = 5, payment = 'partly refunded'"))
    owed = (await accounts_of(tx, [number]))[number].owed
    then = (await pay(tx, number, "5", Step.REFUNDED)).accounts[number]
    assert (owed, then.owed, str(then.payment)) == (Decimal(5), Decimal(0), "partly refunded")


async def test_c43_what_the_hub_gave_back_stays_said_whatever_the_channel_repeats(tx: Tx) -> None:
    seller, number = await unpaid(tx)
    await take(tx, seller, order("1", line("MUG", 2), minute=1))
    await pay(tx, number, "5", Step.REFUNDED)
    await take(tx, seller, order("1", line("MUG", 2), minute=2))
    account = (await accounts_of(tx, [number]))[number]
    assert await row(tx, "SELECT payment, channel_payment FROM orders") == ("partly refunded", "paid")
    assert account.refundable == Decimal("14.98")


async def test_what_the_channel_gave_back_itself_does_not_go_back_again(tx: Tx) -> None:
    seller, number = await unpaid(tx)
    await take(tx, seller, order("1", line("MUG", 2), minute=1, payment=Payment.REFUNDED))
    with pytest.raises(InputError, match=r"0.00 was paid and not given back"):
        await pay(tx, number, "5", Step.REFUNDED)


async def test_of_a_part_that_was_paid_no_more_goes_back_and_the_rest_stays_due(tx: Tx) -> None:
    _, number = await unpaid(tx)
    await pay(tx, number, "10")
    then = (await pay(tx, number, "4", Step.REFUNDED)).accounts[number]
    assert (str(then.payment), then.due, then.refundable) == ("partly refunded", Decimal("9.98"), Decimal(6))
    with pytest.raises(InputError, match=r"6 was paid and not given back"):
        await pay(tx, number, "6.01", Step.REFUNDED)


async def test_an_edit_says_of_no_more_than_was_paid_that_it_goes_back(tx: Tx) -> None:
    _, number = await unpaid(tx)
    with pytest.raises(InputError, match=r"0 of what was paid"):
        await say_back(tx, number, "1")
    await pay(tx, number, "10")
    await say_back(tx, number, "4")
    account = (await accounts_of(tx, [number]))[number]
    assert (account.owed, account.refundable, account.due) == (Decimal(4), Decimal(10), Decimal("9.98"))


async def test_money_that_has_gone_stays_noted(tx: Tx) -> None:
    _, number = await unpaid(tx)
    await pay(tx, number, "19.98")
    said = await say_back(tx, number, "4")
    await pay(tx, number, "4", Step.REFUNDED)
    with pytest.raises(WrongStateError, match="went back already"):
        await undo_edits(tx, VAULT, said.ids, actor="ada", at=LATER)
    assert await row(tx, ORDER) == ("partly refunded", [])


@pytest.mark.parametrize("who", ["the channel", "a person"])
async def test_what_costs_more_than_was_paid_waits_for_the_rest(tx: Tx, who: str) -> None:
    seller, number = await unpaid(tx)
    await pay(tx, number, "19.98")
    if who == "the channel":
        await take(tx, seller, order("1", line("MUG", 3), minute=5, payment=Payment.PENDING))
    else:
        more = Edit(uuid7(), number, [SetUnits("MUG", 3)])
        await edit_orders(tx, VAULT, [more], actor="ada", at=LATER)
    account = (await accounts_of(tx, [number]))[number]
    assert (account.due, account.refundable) == (Decimal("9.99"), Decimal("19.98"))
    await pay(tx, number, "9.99")
    assert await row(tx, ORDER) == ("paid", [])
