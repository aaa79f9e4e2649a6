"""What is paid, and what an order waits for, goes with its units: recorded once, as much as before, and back again."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.json import encode
from msgspec.structs import replace
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.end_unpaid import end_unpaid
from hub.flows.orders.give_back import GiveBack, give_back
from hub.flows.orders.hold import put_holds, resolve_holds
from hub.flows.orders.kept_edits import open_edit
from hub.flows.orders.pay import record_payments
from hub.flows.orders.undo import undo_edits
from hub.kit.ids import uuid7
from hub.model.edits.deeds import Refund
from hub.model.errors import InputError, WrongStateError
from hub.model.incoming import NO_MONEY, Payment
from hub.model.orders.holds import Hold, Stock
from hub.model.orders.paying import Patience
from hub.model.orders.payments import Entry, Step, Tender
from hub.store.db import Tx
from hub.store.edits import edits_together
from hub.store.payments import accounts_of
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_split import books, merge, right, sold, split

WAITS = """
SELECT h.reason, h.stock, h.note, h.owner FROM orders o JOIN holds h ON h.order_id = o.id
WHERE o.number = :number ORDER BY 1"""


async def unpaid(tx: Tx, *units: int) -> list[int]:
    made = [order(str(at), line("MUG", each), payment=Payment.PENDING) for at, each in enumerate(units)]
    return await sold(tx, *made)


async def pay(tx: Tx, number: int, tender: Tender, amount: str, step: Step = Step.CAPTURED) -> None:
    entry = Entry(uuid7(), number, tender, step, Decimal(amount))
    await record_payments(tx, [entry], actor="ada", at=NOON)


async def money(tx: Tx, *numbers: int) -> list[tuple[str, Decimal, Decimal]]:
    """The word for the payment, what was captured, and what is due, of each order."""
    accounts = await accounts_of(tx, numbers)
    return [(str(accounts[each].payment), accounts[each].captured, accounts[each].due) for each in numbers]


async def waits(tx: Tx, number: int) -> list[tuple[str, ...]]:
    return [tuple(row) for row in await tx.execute(text(WAITS), {"number": number})]


async def age(tx: Tx, done: Sequence[UUID]) -> None:
    """Keep these edits as they were kept before money could move."""
    for each in (await edits_together(tx, done)).values():
        kept = open_edit(VAULT, each)
        born = {name: said for name, said in kept.born.items() if name not in {"captured", "authorized"}}
        sealed = VAULT.seal(encode(replace(kept, still={}, born=born)), each.id.bytes)
        await tx.execute(
            text("UPDATE order_edits SET sealed = :sealed WHERE id = :id"), {"sealed": sealed, "id": each.id}
        )


async def undo(tx: Tx, done: Sequence[UUID]) -> None:
    await undo_edits(tx, VAULT, done, actor="ada", at=NOON)


async def test_what_was_paid_by_two_tenders_is_parted_with_the_order_and_comes_back(tx: Tx) -> None:
    (number,) = await unpaid(tx, 3)
    await pay(tx, number, Tender.CASH, "5.00")
    await pay(tx, number, Tender.CARD, "24.97")
    before = await money(tx, number)
    done = await split(tx, number, {"MUG": 1})
    paid = Decimal("9.99")
    assert await money(tx, number, *done.numbers) == [("paid", paid * 2, NO_MONEY), ("paid", paid, NO_MONEY)]
    assert await right(tx)
    await undo(tx, done.ids)
    assert (await money(tx, number), await right(tx)) == (before, True)


async def test_payments_go_with_their_order_into_another_and_out_again(tx: Tx) -> None:
    numbers = await unpaid(tx, 1, 2)
    await pay(tx, numbers[0], Tender.CARD, "9.99")
    await pay(tx, numbers[1], Tender.CARD, "19.98", Step.AUTHORIZED)
    await pay(tx, numbers[1], Tender.CARD, "19.98")
    before = await money(tx, *numbers)
    done = await merge(tx, *numbers)
    assert (await money(tx, numbers[0]), await right(tx)) == ([("paid", Decimal("29.97"), NO_MONEY)], True)
    await undo(tx, done.ids)
    assert (await money(tx, *numbers), await right(tx)) == (before, True)


@pytest.mark.parametrize("deed", ["paid", "refunded"])
async def test_a_merge_stays_once_money_moved_on_it(tx: Tx, deed: str) -> None:
    numbers = await unpaid(tx, 1, 1)
    for number in numbers:
        await pay(tx, number, Tender.CASH, "9.99")
    done = await merge(tx, *numbers)
    await pay(tx, numbers[0], Tender.CASH, "9.99", Step.REFUNDED if deed == "refunded" else Step.CAPTURED)
    with pytest.raises(WrongStateError, match=r"what (was paid|went back) was changed again since"):
        await undo(tx, done.ids)
    assert await right(tx)


async def test_a_split_from_before_money_could_move_is_undone(tx: Tx) -> None:
    (number,) = await unpaid(tx, 3)
    before = await books(tx)
    done = await split(tx, number, {"MUG": 1})
    await age(tx, done.ids)
    await undo(tx, done.ids)
    assert ([row for row in await books(tx) if not row[0]], await right(tx)) == (before, True)


async def test_a_merge_from_before_money_could_move_stays_once_it_is_paid(tx: Tx) -> None:
    numbers = await unpaid(tx, 1, 2)
    done = await merge(tx, *numbers)
    await age(tx, done.ids)
    await pay(tx, numbers[0], Tender.CARD, "29.97")
    with pytest.raises(WrongStateError, match="what was paid was changed again since"):
        await undo(tx, done.ids)


async def test_what_came_from_another_order_is_not_unsaid_here(tx: Tx) -> None:
    numbers = await unpaid(tx, 1, 1)
    for number in numbers:
        await pay(tx, number, Tender.CASH, "9.99")
    await merge(tx, *numbers)
    with pytest.raises(InputError, match="came from another order: undo that split or merge first"):
        await pay(tx, numbers[0], Tender.CASH, "10.00", Step.UNDONE)


async def test_an_order_with_a_refund_is_the_one_that_stays(tx: Tx) -> None:
    numbers = await unpaid(tx, 1, 1)
    for number in numbers:
        await pay(tx, number, Tender.CASH, "9.99")
    await edit_orders(tx, VAULT, [Edit(uuid7(), numbers[0], [Refund(Decimal(3))])], actor="ada", at=NOON)
    with pytest.raises(WrongStateError, match="a refund of it is noted; let it be the one that stays"):
        await merge(tx, numbers[1], numbers[0])
    await merge(tx, *numbers)
    assert await money(tx, numbers[0]) == [("partly refunded", Decimal("19.98"), NO_MONEY)]


async def test_both_parts_of_an_order_wait_for_what_it_waited_for(tx: Tx) -> None:
    (number,) = await sold(tx, order("1", line("MUG", 3)))
    await put_holds(tx, [Hold(number, "fraud", "ask", "bob", stock=Stock.RELEASED)], actor="ada", at=NOON)
    done = await split(tx, number, {"MUG": 1})
    both = [await waits(tx, each) for each in (number, *done.numbers)]
    assert both == [[("fraud", "released", "ask", "bob")]] * 2
    await resolve_holds(tx, [number], "fraud", actor="ada", at=NOON)
    await undo(tx, done.ids)  # nobody has looked at the part
    assert (await waits(tx, number), await right(tx)) == (both[0], True)


async def test_both_parts_of_an_order_that_was_not_paid_in_time_wait_for_their_own_money(tx: Tx) -> None:
    seller = replace(await open_shop(tx, {"MUG": 10}, promises=True), patience=Patience(48))
    (made,) = (await take(tx, seller, order("1", line("MUG", 3), payment=Payment.PENDING))).orders
    await end_unpaid(tx, at=NOON + timedelta(days=3))
    (part,) = (await split(tx, made.number, {"MUG": 1})).numbers
    assert [row[3] for row in await books(tx)] == [0, 0]
    await pay(tx, part, Tender.CASH, "9.99")
    assert ([row[3] for row in await books(tx)], await right(tx)) == ([0, 1], True)
    assert [len(await waits(tx, number)) for number in (made.number, part)] == [1, 0]


async def test_a_merged_order_waits_for_what_either_waited_for(tx: Tx) -> None:
    numbers = await sold(tx, order("1"), order("2"), order("3"))
    notes = [Hold(numbers[0], "review", "one"), Hold(numbers[1], "review", "two"), Hold(numbers[2], "fraud")]
    await put_holds(tx, notes, actor="ada", at=NOON)
    done = await merge(tx, *numbers)
    assert await waits(tx, numbers[0]) == [("fraud", "kept", "", ""), ("review", "kept", "one; two", "")]
    await undo(tx, done.ids)
    assert [[row[0] for row in await waits(tx, each)] for each in numbers] == [
        ["review"],
        ["review"],
        ["fraud"],
    ]


async def test_what_two_orders_wait_for_is_theirs_again_once_their_merge_is_undone(tx: Tx) -> None:
    numbers = await sold(tx, order("1"), order("2"))
    two = Hold(numbers[1], "review", "two", "bob", stock=Stock.RELEASED)
    await put_holds(tx, [Hold(numbers[0], "review", "one"), two], actor="ada", at=NOON)
    before = [await waits(tx, each) for each in numbers], await books(tx)
    done = await merge(tx, *numbers)
    assert await waits(tx, numbers[0]) == [("review", "released", "one; two", "bob")]
    await undo(tx, done.ids)
    after = [row for row in await books(tx) if not row[0]]
    assert (([await waits(tx, each) for each in numbers], after), await right(tx)) == (before, True)


async def test_refunded_units_stay_where_their_refund_is(tx: Tx) -> None:
    (number,) = await sold(tx, order("1", line("MUG", 3)))
    line_id = (await tx.execute(text("SELECT id FROM order_lines"))).scalar_one()
    await give_back(tx, VAULT, [GiveBack(uuid7(), number, {line_id: 2})], actor="ada", at=NOON)
    with pytest.raises(InputError, match="2 of 'A MUG' cannot be split off: 1 have not left"):
        await split(tx, number, {"MUG": 2})
    await split(tx, number, {"MUG": 1})
    assert (await right(tx), [row[2] for row in await books(tx)]) == (True, [2, 1])
