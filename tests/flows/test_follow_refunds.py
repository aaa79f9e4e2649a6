"""What a channel gave back is money that went back, once, in whatever order it is told; no goods move by it."""

from decimal import Decimal
from uuid import UUID

import pytest

from hub.flows.orders.follow_refunds import follow_refunds
from hub.flows.orders.followed import Followed
from hub.flows.orders.give_back import GiveBack, give_back
from hub.flows.orders.pay import record_payments
from hub.flows.orders.take_orders import Seller
from hub.kit.ids import uuid7
from hub.model.errors import InputError
from hub.model.incoming import Payment
from hub.model.orders.payments import Account, Entry, Step, Tender
from hub.model.sync.write_backs import State
from hub.spec import IncomingRefund, RefundedLine
from hub.store.checks import Verdict, run_checks
from hub.store.db import Database, Tx
from hub.store.payments import accounts_of
from hub.store.refunds import bills_of
from hub.store.sync import write_backs
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_batches import statements
from tests.flows.test_write_backs import claim, rows, tell, told_shop

PARTLY = Payment.PARTLY_REFUNDED
EVENTS = "SELECT kind FROM events WHERE kind LIKE '%refund%' ORDER BY id"


def refund(name: str = "R1", amount: str = "9.99", order_id: str = "1", **more: object) -> IncomingRefund:
    given = {"channel_refund_id": name, "channel_order_id": order_id, "refunded_at": NOON}
    return IncomingRefund(**(given | {"total": Decimal(amount)} | more))  # type: ignore[arg-type]


async def follow(tx: Tx, seller: Seller, *told: IncomingRefund) -> Followed:
    return await follow_refunds(tx, seller.id, told, actor=seller.actor, at=NOON)


async def sold(tx: Tx, seller: Seller, count: int = 1) -> int:
    """Orders of three mugs, paid; the number of the first."""
    mugs = [order(str(row), line("MUG", 3)) for row in range(1, count + 1)]
    return (await take(tx, seller, *mugs)).orders[0].number


async def account(tx: Tx, number: int) -> Account:
    return (await accounts_of(tx, [number]))[number]


async def test_a_part_that_the_channel_gave_back_is_known_by_its_amount_and_lines(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    number = await sold(tx, seller)
    told = refund(lines=[RefundedLine("MUG", 1, Decimal("9.99"))])
    for _ in range(2):
        await follow(tx, seller, told, told)
    await take(tx, seller, order("1", line("MUG", 3), minute=1, payment=PARTLY))
    now = await account(tx, number)
    assert (now.back, now.refundable, now.is_vague) == (Decimal("9.99"), Decimal("19.98"), False)
    (bill,) = (
        await bills_of(tx, [UUID(str(each)) for (each,) in await rows(tx, "SELECT id FROM orders")])
    ).values()
    assert [(each.left, each.given) for each in bill.lines.values()] == [(2, Decimal("9.99"))]
    assert await rows(tx, "SELECT payment, refunded FROM orders") == [("partly refunded", Decimal("9.99"))]
    assert await rows(tx, "SELECT allocated FROM levels WHERE sku = 'MUG' AND location = 'main'") == [(3,)]
    assert await rows(tx, EVENTS) == [("payment refunded",)]
    assert all(each.verdict is not Verdict.BROKEN for each in await run_checks(tx, at=NOON, late_s=60))


async def test_what_was_said_to_go_back_has_gone_once_the_channel_tells_it(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    number = await sold(tx, seller)
    await give_back(tx, VAULT, [GiveBack(uuid7(), number, amount=Decimal(5))], actor="ada", at=NOON)
    await follow(tx, seller, refund(amount="8.00", lines=[RefundedLine("MUG", 1, Decimal(8))]))
    now = await account(tx, number)
    assert (now.owed, now.back, now.to_go_back) == (Decimal(0), Decimal(8), Decimal(8))
    assert await rows(tx, "SELECT amount FROM refunds ORDER BY at, id") == [(Decimal(5),), (Decimal(3),)]
    assert await rows(tx, "SELECT units FROM refund_lines") == []


async def test_what_a_person_recorded_by_hand_is_not_counted_again_and_is_shown_as_the_same(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    number = await sold(tx, seller)
    by_hand = Entry(uuid7(), number, Tender.CARD, Step.REFUNDED, Decimal("9.99"))
    await record_payments(tx, [by_hand], actor="ada", at=NOON)
    await follow(tx, seller, refund())
    await follow(tx, seller, refund(), refund("R2"))
    assert (await account(tx, number)).back == Decimal("19.98")
    assert await rows(tx, EVENTS) == [("payment refunded",), ("refund recognized",), ("payment refunded",)]


@pytest.mark.parametrize("end", [State.APPLIED, State.UNKNOWN, State.REJECTED])
async def test_a_refund_that_the_hub_asked_for_is_recorded_once_whenever_its_echo_comes(
    tx: Tx, end: State
) -> None:
    seller = await told_shop(tx)
    number = await sold(tx, seller)
    await give_back(tx, VAULT, [GiveBack(uuid7(), number, amount=Decimal(5))], actor="ada", at=NOON)
    (wish,) = await tell(tx, seller, State.UNKNOWN)
    echo = refund(amount="5", key=wish.key)
    early = await follow(tx, seller, echo)
    assert ([*early.waits], (await account(tx, number)).refunded) == (["R1"], Decimal(0))
    await tell(tx, seller, end, reason="nobody knows")
    await follow(tx, seller, echo)
    if end is State.UNKNOWN:
        await tell(tx, seller, State.APPLIED)
        await follow(tx, seller, echo)
    assert await rows(tx, "SELECT amount, channel_refund_id FROM payments") == [(Decimal(5), "R1")]
    assert await rows(tx, "SELECT state FROM write_backs") == [("applied",)]


async def test_what_may_be_the_refund_that_is_being_asked_for_waits(tx: Tx) -> None:
    seller = await told_shop(tx)
    number = await sold(tx, seller)
    await give_back(tx, VAULT, [GiveBack(uuid7(), number, amount=Decimal(5))], actor="ada", at=NOON)
    await tell(tx, seller, State.UNKNOWN)
    followed = await follow(tx, seller, refund(amount="5"), refund("R2", order_id="9"))
    assert {name: wait.why[:20] for name, wait in followed.waits.items()} == {
        "R1": "nobody knows whether",
        "R2": "the hub holds no ord",
    }
    assert (await account(tx, number)).refunded == 0


async def test_what_a_refund_is_compared_with_is_not_claimed_meanwhile(database: Database) -> None:
    async with database.transaction() as tx:
        seller = await told_shop(tx)
        wanted = GiveBack(uuid7(), await sold(tx, seller), amount=Decimal(5))
        await give_back(tx, VAULT, [wanted], actor="ada", at=NOON)
    async with database.transaction() as tx, database.transaction() as other:
        ids = [UUID(str(each)) for (each,) in await rows(tx, "SELECT id FROM orders")]
        (own,) = (await write_backs.refunds_of(tx, ids)).values()
        assert ([each.state for each in own], (await claim(other, seller))[1]) == ([State.WAITING], [])


async def test_money_of_another_currency_is_refused_and_nothing_written(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 9})
    await sold(tx, seller)
    with pytest.raises(InputError, match="is in USD"):
        await follow(tx, seller, refund(), refund("R2", currency="USD"))
    assert await rows(tx, "SELECT * FROM payments") == []


async def test_a_hundred_refunds_ask_as_often_as_one(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 999})
    await sold(tx, seller, 101)
    lines = [RefundedLine("MUG", 1, Decimal(1))]
    news = [refund(f"R{row}", "1", str(row), lines=lines) for row in range(1, 102)]
    counts = []
    for batch in (news[:1], news[1:]):
        with statements(tx) as seen:
            await follow(tx, seller, *batch)
        counts.append(len(seen))
    assert counts[0] == counts[1]
