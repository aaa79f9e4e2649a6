"""What came in by bank is kept once and sealed, pays what a person says, in parts or too much, and can be undone."""

import asyncio
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.bank.match_transfers import (
    match_transfers,
    record_transfers,
    set_aside,
    set_rule,
    suggestions_for,
    undo_matches,
)
from hub.flows.orders.end_unpaid import set_patience
from hub.flows.orders.pay import record_payments
from hub.kit.ids import uuid7
from hub.model.bank.matching import Money
from hub.model.bank.transfers import Match, Payer, Transfer
from hub.model.errors import InputError, NotFoundError, WrongStateError
from hub.model.incoming import Payment
from hub.model.orders.paying import FOR_GOOD, Patience
from hub.model.orders.payments import Entry, Step, Tender
from hub.store.db import Database, Tx
from hub.store.payments import accounts_of
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_batches import statements
from tests.flows.test_split import split

DAY = date(2026, 11, 23)


def transfer(reference: str = "", amount: str = "9.99", currency: str = "EUR", bank_id: str = "") -> Transfer:
    return Transfer(uuid7(), DAY, Decimal(amount), currency, Payer("Ada L", reference), bank_id)


async def sold(tx: Tx, count: int = 1) -> list[int]:
    """Orders of 9.99 euros that wait for their money."""
    seller = await open_shop(tx, {"MUG": 300})
    unpaid = [order(str(each), line("MUG"), payment=Payment.PENDING) for each in range(count)]
    return [each.number for each in (await take(tx, seller, *unpaid)).orders]


async def record(tx: Tx, *given: Transfer) -> set[UUID]:
    return (await record_transfers(tx, VAULT, given, actor="ada", at=NOON)).ids


async def match(tx: Tx, given: Transfer, *pays: tuple[int, str]) -> list[Match]:
    wanted = [Match(uuid7(), given.id, number, Decimal(amount)) for number, amount in pays]
    await match_transfers(tx, wanted, actor="ada", at=NOON)
    return wanted


async def owed(tx: Tx, *numbers: int) -> list[tuple[str, str, str]]:
    """(payment, due, too much) of each order."""
    found = await accounts_of(tx, numbers)
    return [(str(found[each].payment), str(found[each].due), str(found[each].over)) for each in numbers]


async def test_the_same_line_twice_is_one_transfer_and_names_nobody(tx: Tx):
    one, again = transfer("for Ada", bank_id="7"), transfer("other words", bank_id="7")
    assert [len(await record(tx, each)) for each in (one, one, again)] == [1, 0, 0]
    alike = transfer("for Ada")
    assert [len(await record(tx, each)) for each in (alike, replace(alike, id=uuid7()))] == [1, 0]
    kept = (await tx.execute(text("SELECT bank_transfers::text FROM bank_transfers"))).scalars().all()
    assert not any(b"Ada".hex() in each for each in kept)


async def test_two_that_say_the_same_are_both_kept_once_somebody_says_so(tx: Tx):
    one, other = transfer(), transfer()
    said = [await record_transfers(tx, VAULT, [each], actor="ada", at=NOON) for each in (one, one, other)]
    assert [each.alike for each in said] == [set(), set(), {other.id}]
    another = replace(other, is_another=True)
    assert [await record(tx, each) for each in (another, another)] == [{other.id}, set()]


async def test_an_order_whose_match_is_undone_has_the_time_of_an_unpaid_one(tx: Tx):
    [number] = await sold(tx)
    pay_by = text("SELECT channel_id, pay_by FROM orders")
    channel = (await tx.execute(pay_by)).one().channel_id
    await set_patience(tx, channel, Patience(24), actor="ada", at=NOON)
    before = (await tx.execute(pay_by)).one()
    await record(tx, given := transfer())
    (made,) = await match(tx, given, (number, "9.99"))
    assert (await tx.execute(pay_by)).one().pay_by == FOR_GOOD
    await undo_matches(tx, [made.id], actor="ada", at=NOON)
    assert (await tx.execute(pay_by)).one() == before


async def test_nothing_is_booked_by_itself_until_the_rule_is_switched_on(tx: Tx):
    numbers = await sold(tx, 3)
    await record(tx, transfer(f"order {numbers[0]}"))
    assert (await owed(tx, numbers[0]))[0][0] == "pending"
    await set_rule(tx, books=True, actor="ada", at=NOON)
    await record(tx, transfer(f"order {numbers[1]}", bank_id="2"), transfer("Ada L", bank_id="3"))
    assert [word for word, _, _ in await owed(tx, *numbers)] == ["pending", "paid", "pending"]


async def test_an_order_that_got_money_back_waits_for_what_it_still_owes(tx: Tx):
    one, other = await sold(tx, 2)
    paid = [(one, Step.CAPTURED, "7.50"), (one, Step.REFUNDED, "2.50"), (other, Step.CAPTURED, "9.99")]
    steps = [*paid, (other, Step.REFUNDED, "1.00")]
    entries = [Entry(uuid7(), at, Tender.CASH, step, Decimal(amount)) for at, step, amount in steps]
    await record_payments(tx, entries, actor="ada", at=NOON)
    money = Money(Decimal("2.49"), "EUR", "Ada L", f"orders {one}")
    ((first, *more),) = (await suggestions_for(tx, VAULT, {UUID(int=1): money})).values()
    assert (first.order, first.is_sure, more) == (one, True, [])


async def test_one_transfer_pays_several_orders_one_of_them_in_part(tx: Tx):
    one, other = await sold(tx, 2)
    await record(tx, given := transfer("both", "15.00"))
    await match(tx, given, (one, "9.99"), (other, "5.01"))
    assert await owed(tx, one, other) == [("paid", "0", "0"), ("pending", "4.98", "0")]
    with pytest.raises(WrongStateError, match="is matched"):
        await match(tx, given, (other, "1"))


async def test_what_was_paid_too_much_is_shown_as_too_much(tx: Tx):
    [number] = await sold(tx)
    await record(tx, given := transfer("", "12.00"))
    await match(tx, given, (number, "12.00"))
    assert await owed(tx, number) == [("paid", "0", "2.01")]


async def test_what_a_split_took_along_comes_back_before_its_match_is_undone(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9}, promises=True)
    sold = order("1", line("MUG", 3), payment=Payment.PENDING)
    number = (await take(tx, seller, sold)).orders[0].number
    await record(tx, given := transfer("", "29.97"))
    [pays] = await match(tx, given, (number, "29.97"))
    await split(tx, number, {"MUG": 1})
    cash = [Entry(uuid7(), number, Tender.CASH, step, Decimal(5)) for step in (Step.CAPTURED, Step.UNDONE)]
    await record_payments(tx, cash, actor="ada", at=NOON)
    with pytest.raises(InputError, match=r"9\.99 went to another order: undo that split or merge first"):
        await undo_matches(tx, [pays.id], actor="ada", at=NOON)


async def test_of_statements_at_once_one_pays_the_order(many: Database):
    async with many.transaction() as tx:
        [number] = await sold(tx)
        await set_rule(tx, books=True, actor="ada", at=NOON)

    async def take_statement(bank_id: str) -> None:
        async with many.transaction() as tx:
            await record(tx, transfer(f"order {number}", bank_id=bank_id))

    await asyncio.gather(*(take_statement(str(each)) for each in range(6)))
    async with many.transaction() as tx:
        assert await owed(tx, number) == [("paid", "0", "0")]


async def test_an_old_order_that_is_paid_and_named_as_well_makes_it_unsure(tx: Tx):
    one, other = await sold(tx, 2)
    await record(tx, given := transfer())
    await match(tx, given, (other, "9.99"))
    await set_rule(tx, books=True, actor="ada", at=NOON)
    await record(tx, transfer(f"{one} and {other}", bank_id="2"))
    assert [word for word, _, _ in await owed(tx, one)] == ["pending"]


async def test_what_is_matched_is_not_taken_back_as_if_it_were_cash(tx: Tx):
    [number] = await sold(tx)
    await record(tx, given := transfer())
    await match(tx, given, (number, "9.99"))
    taken = Entry(uuid7(), number, Tender.BANK_TRANSFER, Step.UNDONE, Decimal("9.99"))
    with pytest.raises(InputError, match="hub payment transfer undo"):
        await record_payments(tx, [taken], actor="ada", at=NOON)


async def test_a_match_is_undone_once_and_its_money_can_pay_another(tx: Tx):
    one, other = await sold(tx, 2)
    await record(tx, given := transfer())
    (made,) = await match(tx, given, (one, "9.99"))
    for _ in range(2):
        await undo_matches(tx, [made.id], actor="ada", at=NOON)
    await match(tx, given, (other, "9.99"))
    assert await owed(tx, one, other) == [("pending", "9.99", "0"), ("paid", "0", "0")]


async def test_the_same_match_sent_again_is_one_payment(tx: Tx):
    [number] = await sold(tx)
    await record(tx, given := transfer("", "20.00"))
    made = await match(tx, given, (number, "5.00"))
    await match_transfers(tx, made, actor="ada", at=NOON)
    assert await owed(tx, number) == [("pending", "4.99", "0")]


async def test_what_cannot_pay_is_refused(tx: Tx):
    [number] = await sold(tx)
    await record(tx, dollars := transfer(currency="USD"), euros := transfer())
    with pytest.raises(InputError, match="is in EUR and the transfer in USD"):
        await match(tx, dollars, (number, "9.99"))
    for amount in ("0", "-1", "10", "1.001"):
        with pytest.raises(InputError):
            await match(tx, euros, (number, amount))
    for strange in (Match(uuid7(), euros.id, 9, Decimal(1)), Match(uuid7(), uuid7(), number, Decimal(1))):
        with pytest.raises(NotFoundError):
            await match_transfers(tx, [strange], actor="ada", at=NOON)


async def test_what_is_set_aside_pays_nothing_until_it_is_taken_up(tx: Tx):
    [number] = await sold(tx)
    await record(tx, given := transfer())
    for _ in range(2):
        await set_aside(tx, [given.id], actor="ada", at=NOON)
    with pytest.raises(WrongStateError, match="is set aside: you can take up"):
        await match(tx, given, (number, "9.99"))
    await set_aside(tx, [given.id], take_up=True, actor="ada", at=NOON)
    await match(tx, given, (number, "9.99"))
    with pytest.raises(WrongStateError, match="is matched: you can undo"):
        await set_aside(tx, [given.id], actor="ada", at=NOON)


async def test_a_hundred_transfers_ask_as_often_as_one(tx: Tx):
    numbers = await sold(tx, 101)
    await set_rule(tx, books=True, actor="ada", at=NOON)
    asked = []
    for some in (numbers[:1], numbers[1:]):
        with statements(tx) as made:
            await record(tx, *(transfer(f"order {number}", bank_id=str(number)) for number in some))
        asked.append(len(made))
    assert (asked[0], {word for word, _, _ in await owed(tx, *numbers)}) == (asked[1], {"paid"})
