"""A refund is undone until the money went: what it was for can be refunded again, and nobody is told to pay it."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.undo import undo_edits
from hub.kit.ids import uuid7
from hub.model.edits.deeds import AddLine, Refund
from hub.model.errors import WrongStateError
from hub.model.orders.payments import Tender
from hub.model.orders.refunds import Swap
from hub.model.orders.rmas import State, Wish
from hub.store.db import Tx
from hub.store.refunds import refunds_of
from tests.builders import NOON, VAULT
from tests.flows import test_rmas as returning
from tests.flows.test_give_back import account, give, sold


async def undo(tx: Tx, edit_id: UUID) -> None:
    await undo_edits(tx, VAULT, [edit_id], actor="ada", at=NOON)


async def edit(tx: Tx, number: int, *deeds: Refund | AddLine) -> UUID:
    wanted = Edit(uuid7(), number, deeds, "scratched")
    return (await edit_orders(tx, VAULT, [wanted], actor="ada", at=NOON)).ids[0]


async def test_what_a_refund_by_line_was_for_can_be_refunded_again(tx: Tx):
    number = await sold(tx)
    first = (await give(tx, number, {"MUG": 2, "TEA": 1}, shipping=Decimal(4))).refunds[0]
    await undo(tx, first.id)
    assert (await account(tx, number)).owed == 0
    again = (await give(tx, number, {"MUG": 2, "TEA": 1}, shipping=Decimal(4))).refunds[0]
    assert (again.amount, [each.undone_at for each in await refunds_of(tx, number)]) == (
        first.amount,
        [NOON, None],
    )


async def test_an_amount_for_a_line_makes_it_worth_less_by_whatever_way_it_is_said(tx: Tx):
    number = await sold(tx)
    said = await edit(tx, number, Refund(Decimal("3.99"), "TEA"), Refund(Decimal(1), "TEA"))
    (noted,) = await refunds_of(tx, number)
    assert (noted.amount, noted.reason, noted.lines[0].amount) == (Decimal("4.99"), "scratched", noted.amount)
    rest = (await give(tx, number, {"TEA": 1})).refunds[0]
    await undo(tx, rest.id)
    await undo(tx, said)
    whole = (await give(tx, number, {"TEA": 1})).refunds[0]
    assert (rest.amount, whole.amount) == (Decimal("5.00"), Decimal("9.99"))


async def test_a_line_that_is_added_and_refunded_at_once_is_no_slip(tx: Tx):
    number, made = await sold(tx), uuid7()
    deeds: list[Refund | AddLine] = [AddLine("Wrap", 1, Decimal(2)), Refund(Decimal(1), f"hub:{made}:0")]
    await edit_orders(tx, VAULT, [Edit(made, number, deeds)], actor="ada", at=NOON)
    assert [(each.amount, each.lines) for each in await refunds_of(tx, number)] == [(Decimal(1), [])]


async def test_money_that_went_back_stays_noted(tx: Tx):
    number = await sold(tx)
    handed = await give(tx, number, {"TEA": 1}, tender=Tender.CASH)
    with pytest.raises(WrongStateError, match=r"went back already, .* record that as a payment"):
        await undo(tx, handed.refunds[0].id)
    assert [each.undone_at for each in await refunds_of(tx, number)] == [None]


async def test_the_newer_refund_is_undone_first(tx: Tx):
    number = await sold(tx)
    first, last = [(await give(tx, number, {sku: 1})).refunds[0].id for sku in ("TEA", "MUG")]
    with pytest.raises(WrongStateError, match="what went back was changed again since"):
        await undo(tx, first)
    await undo(tx, last)
    await undo(tx, first)
    assert (await account(tx, number)).to_go_back == 0


async def test_an_exchange_is_undone_with_its_goods_and_its_return_is_settled_anew(tx: Tx):
    _, [(_, line_id)] = await returning.sold(tx)
    rma = await returning.asked(tx, line_id, 2, Wish.EXCHANGE)
    await returning.came(tx, rma, line_id)
    done = await returning.settled(tx, rma, swaps=[Swap("CUP", 1, Decimal(5))])
    await undo(tx, done.refunds[0].id)
    promised = await tx.scalar(text("SELECT sum(allocated) FROM levels WHERE sku = 'CUP'"))
    assert (promised, (await returning.now(tx, rma)).state) == (0, State.INSPECTED)
    again = await returning.settled(tx, rma)
    assert (again.refunds[0].amount, await returning.right(tx)) == (Decimal("19.98"), True)
