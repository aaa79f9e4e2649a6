"""One order becomes two, or several become one: no unit and no cent is lost, and all of it is undone together."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from hub.flows.orders.edit import Edit, edit_orders
from hub.flows.orders.pay import record_payments
from hub.flows.orders.pick import NewList, begin_picking
from hub.flows.orders.record_edits import Done
from hub.flows.orders.ship import ship
from hub.flows.orders.split import Merge, Split, merge_orders, split_orders
from hub.flows.orders.undo import undo_edits
from hub.kit.ids import uuid7
from hub.model.edits.deeds import AddLine, Deed, Refund, Reopen
from hub.model.errors import HubError, InputError, NotFoundError, WrongStateError
from hub.model.incoming import Address, IncomingOrder, Payment, Person
from hub.model.orders.payments import Entry, Step, Tender
from hub.model.orders.shipping import Parcel
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.payments import accounts_of
from tests.builders import ADA, MAIN, NOON, VAULT, line, open_shop, order, take
from tests.flows.test_batches import statements

LINES = """
SELECT o.canceled_at IS NOT NULL, l.channel_sku, l.quantity, l.allocated, l.total FROM orders o
JOIN order_lines l ON l.order_id = o.id WHERE NOT l.removed ORDER BY o.number, l.position"""
TOTALS = "SELECT sum(total), sum(difference) FROM orders WHERE canceled_at IS NULL"


async def sold(tx: Tx, *orders: IncomingOrder) -> list[int]:
    seller = await open_shop(tx, {"MUG": 10, "TEA": 10}, promises=True)
    return [each.number for each in (await take(tx, seller, *orders)).orders]


async def split(
    tx: Tx, number: int, units: dict[str, int], *, ours: frozenset[str] = frozenset({"web"})
) -> Done:
    wanted = [Split(uuid7(), number, units)]
    return await split_orders(tx, VAULT, wanted, ours=ours, actor="ada", at=NOON)


async def merge(tx: Tx, *numbers: int) -> Done:
    wanted = Merge(uuid7(), numbers[0], numbers[1:])
    return await merge_orders(tx, VAULT, wanted, ours={"web"}, actor="ada", at=NOON)


async def edit(tx: Tx, number: int, deed: Deed) -> None:
    await edit_orders(tx, VAULT, [Edit(uuid7(), number, [deed])], actor="ada", at=NOON)


async def disturb(tx: Tx, number: int, how: str) -> None:
    """Do to an order what keeps its split from being undone."""
    paid = Entry(uuid7(), number, Tender.CASH, Step.CAPTURED, Decimal(1))
    match how:
        case "paid":
            await record_payments(tx, [paid], actor="ada", at=NOON)
        case "picked":
            new = NewList(uuid7(), MAIN, [number])
            await begin_picking(tx, new, elsewhere=[], actor="ada", at=NOON)
        case _:
            await edit(tx, number, Refund(Decimal(1)) if how == "refunded" else AddLine("MUG", 1, Decimal(1)))


async def books(tx: Tx) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await tx.execute(text(LINES))]


async def right(tx: Tx) -> bool:
    return all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))


async def refundable(tx: Tx) -> list[Decimal]:
    """Of each order, by its number, canceled ones too."""
    numbers = [row.number for row in await tx.execute(text("SELECT number FROM orders ORDER BY number"))]
    accounts = await accounts_of(tx, numbers)
    return [accounts[number].refundable for number in numbers]


async def totals(tx: Tx) -> tuple[object, ...]:
    return tuple((await tx.execute(text(TOTALS))).one())


async def test_an_order_is_split_with_its_stock_and_its_money(tx: Tx) -> None:
    mugs = line("MUG", 3, total=Decimal("29.96"), tax=Decimal("5.69"))
    (number,) = await sold(tx, order("1", mugs, line("TEA", 2), total=Decimal("60.00")))
    before = await totals(tx)
    await split(tx, number, {"MUG": 1, "TEA": 2})
    assert [row[:4] for row in await books(tx)] == [
        (False, "MUG", 2, 2),
        (False, "MUG", 1, 1),
        (False, "TEA", 2, 2),
    ]
    assert (await totals(tx), await right(tx)) == (before, True)


async def test_a_split_is_undone_as_one_while_nothing_of_it_has_left(tx: Tx) -> None:
    (number,) = await sold(tx, order("1", line("MUG", 3), line("TEA", 2)))
    before = await books(tx)
    done = await split(tx, number, {"MUG": 1})
    await undo_edits(tx, VAULT, done.ids, actor="ada", at=NOON)
    assert ((await books(tx))[:2], await right(tx)) == (before, True)
    again = await split(tx, number, {"MUG": 1})
    await ship(tx, [Parcel(uuid7(), again.numbers[0])], elsewhere=set(), actor="ada", at=NOON)
    with pytest.raises(WrongStateError, match="has left"):
        await undo_edits(tx, VAULT, again.ids, actor="ada", at=NOON)


async def test_orders_of_one_customer_are_merged_and_taken_apart_again(tx: Tx) -> None:
    numbers = await sold(
        tx,
        order("1", line("MUG", 2), shipping_total=Decimal(4), total=Decimal("23.98")),
        order("2", line("MUG", 1), line("TEA", 2), shipping_total=Decimal(4), total=Decimal("33.97")),
    )
    before, cost = await books(tx), await totals(tx)
    done = await merge(tx, *numbers)
    assert [row[:4] for row in await books(tx)][:3] == [
        (False, "MUG", 2, 2),
        (False, "MUG", 1, 1),
        (False, "TEA", 2, 2),
    ]
    assert (await totals(tx), await right(tx)) == (cost, True)
    await undo_edits(tx, VAULT, done.ids, actor="ada", at=NOON)
    assert (await books(tx), await totals(tx), await right(tx)) == (before, cost, True)


async def test_money_goes_back_once_whichever_order_its_lines_are_on(tx: Tx) -> None:
    numbers = await sold(tx, order("1", line("MUG", 2)), order("2", line("TEA", 1)))
    before = await refundable(tx)
    done = await merge(tx, *numbers)
    assert (before, await refundable(tx)) == ([Decimal("19.98"), Decimal("9.99")], [Decimal("29.97"), 0])
    await undo_edits(tx, VAULT, done.ids, actor="ada", at=NOON)
    again = await split(tx, numbers[0], {"MUG": 1})
    assert await refundable(tx) == [Decimal("9.99")] * 3
    await undo_edits(tx, VAULT, again.ids, actor="ada", at=NOON)
    assert await refundable(tx) == [*before, 0]


async def test_the_same_command_again_changes_nothing(tx: Tx) -> None:
    (number,) = await sold(tx, order("1", line("MUG", 3)))
    wanted = [Split(uuid7(), number, {"MUG": 1})]
    done = [await split_orders(tx, VAULT, wanted, ours={"web"}, actor="ada", at=NOON) for _ in range(2)]
    assert ([each.ids for each in done], len(await books(tx))) == ([[wanted[0].id], []], 2)


@pytest.mark.parametrize(
    "more",
    [
        {"person": Person(name="Bob", email="bob@example.com")},
        {"person": Person(name="Ada L", email="ada@example.com", shipping=Address(city="Paris"))},
        {"payment": Payment.PENDING},
        {"currency": "USD"},
        {"canceled": True},
        {"lines": [line("MUG", 1, fulfilled=1)]},
    ],
)
async def test_what_is_not_alike_is_not_merged(tx: Tx, more: dict[str, object]) -> None:
    numbers = await sold(tx, order("1", person=ADA), order("2", **more))  # type: ignore[arg-type]
    before = await books(tx)
    with pytest.raises((InputError, WrongStateError), match="cannot be merged"):
        await merge(tx, *numbers)
    assert await books(tx) == before


@pytest.mark.parametrize(
    ("units", "error"),
    [({"MUG": 3}, InputError), ({"MUG": 4}, InputError), ({"LAMP": 1}, InputError), ({}, InputError)],
)
async def test_all_of_an_order_or_more_is_not_split_off(
    tx: Tx, units: dict[str, int], error: type[HubError]
) -> None:
    (number,) = await sold(tx, order("1", line("MUG", 3)))
    with pytest.raises(error):
        await split(tx, number, units)
    with pytest.raises(WrongStateError, match=r"is of web, .* leave in several parcels"):
        await split(tx, number, {"MUG": 1}, ours=frozenset())
    with pytest.raises(NotFoundError):
        await merge(tx, number, 7)
    assert len(await books(tx)) == 1


@pytest.mark.parametrize("unsound", ["paid", "refunded", "edited", "picked"])
async def test_a_split_stays_once_its_part_is_used(tx: Tx, unsound: str) -> None:
    (number,) = await sold(tx, order("1", line("MUG", 3)))
    done = await split(tx, number, {"MUG": 1})
    await disturb(tx, done.numbers[0], unsound)
    before = await books(tx)
    with pytest.raises(WrongStateError):
        await undo_edits(tx, VAULT, done.ids, actor="ada", at=NOON)
    assert await books(tx) == before


async def test_what_is_on_another_order_is_not_reopened(tx: Tx) -> None:
    numbers = await sold(tx, order("1", line("MUG", 3)), order("2"))
    parted = await split(tx, numbers[0], {"MUG": 1})
    await undo_edits(tx, VAULT, parted.ids, actor="ada", at=NOON)
    await merge(tx, *numbers)
    for gone in (parted.numbers[0], numbers[1]):
        with pytest.raises(WrongStateError, match="is on another order now"):
            await edit(tx, gone, Reopen())


async def test_what_a_total_has_beyond_its_parts_stays_on_its_order(tx: Tx) -> None:
    odd = order("2", total=Decimal("10.00"))
    numbers = await sold(tx, order("1"), odd)
    before = await totals(tx)
    with pytest.raises(InputError, match=r"0\.01 beyond its parts"):
        await merge(tx, *numbers)
    await merge(tx, *reversed(numbers))
    assert await totals(tx) == before


async def test_a_hundred_splits_ask_as_often_as_one(tx: Tx) -> None:
    seller = await open_shop(tx, {"MUG": 1000}, promises=True)
    made = (await take(tx, seller, *(order(str(each), line("MUG", 3)) for each in range(101)))).orders
    asked = []
    for chosen in (made[:1], made[1:]):
        wanted = [Split(uuid7(), each.number, {"MUG": 1}) for each in chosen]
        with statements(tx) as seen:
            await split_orders(tx, VAULT, wanted, ours={"web"}, actor="ada", at=NOON)
        asked.append(len(seen))
    assert asked[0] == asked[1]
