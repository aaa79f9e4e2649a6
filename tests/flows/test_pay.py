"""A payment is recorded once; what is paid in full gets back the stock it lost, and no later snapshot unsays it."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.end_unpaid import end_unpaid
from hub.flows.orders.pay import Paid, record_payments
from hub.flows.orders.take_orders import Seller
from hub.kit.ids import uuid7
from hub.model.errors import InputError, NotFoundError
from hub.model.incoming import Payment
from hub.model.orders.paying import Patience
from hub.model.orders.payments import Entry, Step, Tender
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.payments import accounts_of
from tests.builders import NOON, line, open_shop, order, take

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
