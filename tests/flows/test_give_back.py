"""Money goes back by line or by amount, whatever has left: what was charged, once, and never more than was paid."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.give_back import GiveBack, GivenBack, give_back
from hub.kit.ids import uuid7
from hub.model.edits.deeds import Cancel
from hub.model.errors import InputError, NotFoundError
from hub.model.orders.payments import Account, Tender
from hub.store.db import Tx
from hub.store.payments import accounts_of
from hub.store.refunds import refunds_of
from tests.builders import NOON, VAULT, line, open_shop, order, take
from tests.flows.test_batches import statements

CHARGED = {"total": Decimal("16.81"), "tax": Decimal("3.194000"), "discount": Decimal(5)}


async def sold(tx: Tx, *, tax_included: bool = False) -> int:
    """Two mugs and a tea, all sent; a discount on the mugs, and all of the tax on them."""
    seller = await open_shop(tx, {"MUG": 10, "TEA": 10})
    lines = [line("MUG", 2, fulfilled=2, **CHARGED), line("TEA", 1, fulfilled=1)]
    total = Decimal("34.98")
    shipping = {"shipping_total": Decimal("4.20"), "shipping_tax": Decimal("0.7980")}
    made = order("1", *lines, **(shipping | {"total": total, "tax_included": tax_included}))  # type: ignore[arg-type]
    return (await take(tx, seller, made)).orders[0].number


async def give(tx: Tx, number: int, units: dict[str, int] | None = None, **more: object) -> GivenBack:
    """Units are by SKU."""
    ids = await line_ids(tx)
    wanted = {
        "id": uuid7(),
        "order": number,
        "units": {ids[sku]: each for sku, each in (units or {}).items()},
    }
    return await give_back(tx, VAULT, [GiveBack(**(wanted | more))], actor="ada", at=NOON)  # type: ignore[arg-type]


async def line_ids(tx: Tx) -> dict[str, UUID]:
    return {row.sku: row.id for row in await tx.execute(text("SELECT sku, id FROM order_lines"))}


async def account(tx: Tx, number: int) -> Account:
    return (await accounts_of(tx, [number]))[number]


@pytest.mark.parametrize("prices", ["net", "gross"])
async def test_c51_c52_a_line_gives_back_what_was_charged_after_its_discount_and_with_its_own_tax(
    tx: Tx, prices: str
):
    """Two mugs were charged 20.004 with their tax, the tea 9.99 without any: no rate and no list price changes that."""
    number = await sold(tx, tax_included=prices == "gross")
    mug = (await give(tx, number, {"MUG": 1})).refunds[0].amount
    tea = (await give(tx, number, {"TEA": 1})).refunds[0].amount
    assert (mug, tea) == (Decimal("10.00"), Decimal("9.99"))


async def test_c41_c50_all_that_has_left_is_refunded_line_by_line_and_nothing_is_pending(tx: Tx):
    number = await sold(tx)
    for units, shipping in (({"MUG": 1}, "0"), ({"TEA": 1, "MUG": 1}, "2.00"), ({}, "3.00")):
        await give(tx, number, units, shipping=Decimal(shipping), tender=Tender.CARD)
    then = await account(tx, number)
    assert (then.refunded, then.refundable, then.owed) == (Decimal("34.98"), Decimal(0), Decimal(0))
    assert str(then.payment) == "refunded"
    with pytest.raises(InputError, match="0 of 1 are left to refund"):
        await give(tx, number, {"TEA": 1})


async def test_a_refund_says_what_for_and_is_owed_until_it_went(tx: Tx):
    number = await sold(tx)
    await give(tx, number, {"TEA": 1}, amount=Decimal(5), reason="scratched")
    (noted,) = await refunds_of(tx, number)
    assert (noted.amount, noted.reason, [(each.name, each.units) for each in noted.lines]) == (
        Decimal(5),
        "scratched",
        [("TEA", 1)],
    )
    then = await account(tx, number)
    assert (then.owed, str(then.payment)) == (Decimal(5), "partly refunded")


async def test_the_same_refund_again_changes_nothing(tx: Tx):
    number, again = await sold(tx), uuid7()
    both = [await give(tx, number, amount=Decimal(5), id=again, tender=Tender.CASH) for _ in range(2)]
    assert [len(each.refunds) for each in both] == [1, 0]
    assert (await account(tx, number)).refunded == Decimal(5)


async def test_units_that_are_refunded_and_then_canceled_leave_the_others_worth_what_they_were(tx: Tx):
    seller = await open_shop(tx, {"MUG": 9, "TEA": 9})
    made = order("1", line("MUG", 3), line("TEA", 1), total=Decimal("39.96"))
    number = (await take(tx, seller, made)).orders[0].number
    await give(tx, number, {"MUG": 2})
    canceled = Edit(uuid7(), number, [Cancel({"MUG": 2})])
    await edit_orders(tx, VAULT, [canceled], actor="ada", at=NOON)
    rest = [(await give(tx, number, {sku: 1})).refunds[0].amount for sku in ("TEA", "MUG")]
    assert rest == [Decimal("9.99"), Decimal("9.99")]


async def test_an_amount_for_a_line_is_not_given_back_again_with_its_units(tx: Tx):
    number = await sold(tx)
    await give(tx, number, amount=Decimal("9.99"), line=(await line_ids(tx))["TEA"])
    assert (await give(tx, number, {"TEA": 1})).refunds[0].amount == Decimal(0)


@pytest.mark.parametrize("wrong", [{}, {"amount": Decimal("34.99")}, {"reason": "x" * 501}, {"order": 9999}])
async def test_what_cannot_go_back_is_refused_and_noted_nowhere(tx: Tx, wrong: dict[str, object]):
    number = await sold(tx)
    with pytest.raises((InputError, NotFoundError)):
        await give(tx, number, {}, **wrong)
    assert (await tx.execute(text("SELECT count(*) FROM refunds"))).scalar_one() == 0


async def test_a_hundred_refunds_ask_as_often_as_one(tx: Tx):
    seller = await open_shop(tx, {"MUG": 200})
    taken = await take(tx, seller, *(order(f"{row:03}") for row in range(101)))
    counts = []
    for batch in (taken.orders[:1], taken.orders[1:]):
        wanted = [GiveBack(uuid7(), each.number, amount=Decimal(1), tender=Tender.CASH) for each in batch]
        with statements(tx) as seen:
            await give_back(tx, VAULT, wanted, actor="ada", at=NOON)
        counts.append(len(seen))
    assert counts[0] == counts[1]
