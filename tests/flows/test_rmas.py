"""A return is a document from the wish to what becomes of it: goods are restocked once, and money goes back once."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from hub.flows.orders.ask_return import ask_returns, decide_returns
from hub.flows.orders.give_back import GivenBack
from hub.flows.orders.settle import Settlement, settle
from hub.flows.orders.take_back import inspect, receive, take_back
from hub.flows.orders.take_orders import Seller
from hub.flows.stock.set_components import set_components
from hub.kit.ids import uuid7
from hub.model.errors import HubError, InputError, NotFoundError, OutOfStockError, WrongStateError
from hub.model.orders.payments import Account, Tender
from hub.model.orders.refunds import Swap
from hub.model.orders.returns import Comeback, Decision, Disposition
from hub.model.orders.rmas import Arrival, Asked, Request, Rma, State, Step, Wish
from hub.model.stock.bundles import Kind, Recipe
from hub.store import returns, rmas
from hub.store.checks import Verdict, run_checks
from hub.store.db import Tx
from hub.store.payments import accounts_of
from tests.builders import MAIN, NOON, VAULT, line, open_shop, order, put_stock, take
from tests.flows.test_batches import statements

RESTOCK, SCRAP, ASIDE = Disposition.RESTOCK, Disposition.SCRAP, Disposition.INSPECT


async def sold(tx: Tx, count: int = 1) -> tuple[Seller, list[tuple[int, UUID]]]:
    """Orders of three mugs of 9.99 that have left and are paid: their numbers, and the ids of their lines."""
    seller = await open_shop(tx, {"MUG": 3 * count + 7, "CUP": 2})
    made = [order(f"{row:03}", line("MUG", 3, fulfilled=3)) for row in range(count)]
    taken = await take(tx, seller, *made)
    return seller, [(each.number, (await returns.lines_out(tx, each.number))[0].id) for each in taken.orders]


async def asked(tx: Tx, line_id: UUID, units: int = 2, wish: Wish = Wish.REFUND) -> int:
    """The number of an RMA that was approved."""
    wanted = Request(uuid7(), [Asked(line_id, units, wish, "too small")], approved=True)
    (number,) = await ask_returns(tx, [wanted], actor="ada", at=NOON)
    return number


async def came(tx: Tx, number: int, line_id: UUID, units: int = 2, what: Disposition = RESTOCK) -> Arrival:
    arrival = Arrival(uuid7(), number, line_id, units, what, MAIN if what is RESTOCK else None)
    await receive(tx, [arrival], actor="ada", at=NOON)
    return arrival


async def settled(tx: Tx, number: int, **more: object) -> GivenBack:
    wanted = Settlement(**({"id": uuid7(), "rma": number} | more))  # type: ignore[arg-type]
    return await settle(tx, VAULT, [wanted], actor="ada", at=NOON)


async def now(tx: Tx, number: int) -> Rma:
    return (await rmas.read_rmas(tx, [number]))[number]


async def account(tx: Tx, number: int) -> Account:
    return (await accounts_of(tx, [number]))[number]


async def stock(tx: Tx, sku: str = "MUG") -> int:
    on_hand: int = await tx.scalar(text("SELECT sum(on_hand) FROM levels WHERE sku = :sku"), {"sku": sku})
    return on_hand


async def right(tx: Tx) -> bool:
    return all(each.verdict is Verdict.KEPT for each in await run_checks(tx, at=NOON, late_s=60))


async def test_a_return_arrives_in_parts_is_looked_at_line_by_line_and_settled_by_what_its_units_cost(tx: Tx):
    _, [(order_number, line_id)] = await sold(tx)
    number = await asked(tx, line_id)
    aside = await came(tx, number, line_id, 1, ASIDE)
    await inspect(tx, [Decision(aside.id, SCRAP)], actor="bob", at=NOON)
    await came(tx, number, line_id, 1)
    await settled(tx, number)
    money = await account(tx, order_number)
    assert (await now(tx, number)).state is State.SETTLED
    assert (await stock(tx), money.owed, str(money.payment)) == (8, Decimal("19.98"), "partly refunded")
    assert await right(tx)


async def test_each_step_stands_in_the_timeline_with_who_and_when(tx: Tx):
    _, [(_, line_id)] = await sold(tx)
    request = Request(uuid7(), [Asked(line_id, 1)])
    number, again = await ask_returns(tx, [request, request], actor="ada", at=NOON)
    await decide_returns(tx, [number], Step.APPROVE, actor="bob", at=NOON)
    aside = await came(tx, number, line_id, 1, ASIDE)
    await inspect(tx, [Decision(aside.id, RESTOCK, MAIN)], actor="bob", at=NOON)
    await settled(tx, number)
    told = await tx.execute(text("SELECT kind, actor FROM events WHERE facts ? 'rma' ORDER BY id"))
    said = ["return requested ada", "return approved bob", "returned ada", "inspected bob", "refunded ada"]
    assert ([f"{row.kind} {row.actor}" for row in told], again) == (said, number)


async def test_the_same_step_sent_again_happens_once(tx: Tx):
    _, [(order_number, line_id)] = await sold(tx)
    number = await asked(tx, line_id)
    arrival = await came(tx, number, line_id)
    again = await receive(tx, [arrival], actor="ada", at=NOON)
    ways = [await settled(tx, number, id=arrival.id, tender=Tender.CASH) for _ in range(2)]
    assert (again.ids, [len(each.refunds) for each in ways], await stock(tx)) == ([], [1, 0], 9)
    assert (await account(tx, order_number)).refunded == Decimal("19.98")
    with pytest.raises(WrongStateError, match="is settled"):
        await settled(tx, number)


async def test_goods_that_nobody_announced_are_an_rma_of_their_own_in_one_step(tx: Tx):
    _, [(order_number, line_id)] = await sold(tx)
    back = Comeback(uuid7(), line_id, 1, RESTOCK, MAIN)
    await take_back(tx, [back, Comeback(uuid7(), line_id, 1, ASIDE)], actor="ada", at=NOON)
    (brief,) = await rmas.list_rmas(tx, order=order_number, limit=9)
    assert (brief.state, brief.units, brief.received) == (State.RECEIVED, 2, 2)
    with pytest.raises(WrongStateError, match="what can is receive, inspect"):
        await settled(tx, brief.number)


async def test_what_one_return_waits_for_no_other_asks_for_until_it_is_called_off(tx: Tx):
    _, [(_, line_id)] = await sold(tx)
    number = await asked(tx, line_id)
    with pytest.raises(InputError, match="at most 1 can, and 2 are expected back already"):
        await asked(tx, line_id)
    await decide_returns(tx, [number], Step.CANCEL, note="they keep it", actor="ada", at=NOON)
    assert await asked(tx, line_id) == number + 1


async def test_a_bundle_that_comes_back_by_an_rma_restocks_each_of_its_parts_once(tx: Tx):
    seller = await open_shop(tx, {"MUG": 0, "TEA": 0, "SET": 0})
    await set_components(tx, [Recipe("SET", Kind.BUNDLE, {"MUG": 2, "TEA": 1})], actor="ada", at=NOON)
    await put_stock(tx, {"MUG": 10, "TEA": 10})
    taken = await take(tx, seller, order("1", line("SET", 2, fulfilled=2)))
    (out,) = await returns.lines_out(tx, taken.orders[0].number)
    number = await asked(tx, out.id, 1)
    arrival = await came(tx, number, out.id, 1)
    await receive(tx, [arrival], actor="ada", at=NOON)
    await settled(tx, number)
    assert (await stock(tx), await stock(tx, "TEA"), await right(tx)) == (8, 9, True)


@pytest.mark.parametrize(
    ("swap", "due", "owed", "total"),
    [
        (Swap("CUP", 1), "0", "0", "29.97"),
        (Swap("CUP", 1, Decimal("12.00")), "2.01", "0", "31.98"),
        (Swap("CUP", 2, Decimal("4.00")), "0", "1.99", "29.97"),
    ],
    ids=["as good", "dearer", "cheaper"],
)
async def test_an_exchange_promises_new_goods_and_says_the_difference(
    tx: Tx, swap: Swap, due: str, owed: str, total: str
):
    _, [(order_number, line_id)] = await sold(tx)
    number = await asked(tx, line_id, 1, Wish.EXCHANGE)
    await came(tx, number, line_id, 1)
    await settled(tx, number, swaps=[swap])
    money = await account(tx, order_number)
    promised = await tx.scalar(text("SELECT sum(allocated) FROM levels WHERE sku = 'CUP'"))
    assert (money.due, money.owed, money.total) == (Decimal(due), Decimal(owed), Decimal(total))
    assert (promised, await right(tx)) == (swap.quantity, True)


@pytest.mark.parametrize("swap", [Swap("CUP", 1), Swap("CUP", 1, Decimal("9.99"))], ids=["even", "priced"])
async def test_what_went_out_in_exchange_is_worth_what_was_paid_for_it_with_goods(tx: Tx, swap: Swap):
    _, [(order_number, line_id)] = await sold(tx)
    first = await asked(tx, line_id, 1, Wish.EXCHANGE)
    await came(tx, first, line_id, 1)
    await settled(tx, first, swaps=[swap])
    await tx.execute(text("UPDATE order_lines SET shipped = 1, allocated = 0 WHERE sku = 'CUP'"))
    (cup,) = [each.id for each in await returns.lines_out(tx, order_number) if each.id != line_id]
    number = await asked(tx, cup, 1)
    await came(tx, number, cup, 1, SCRAP)
    await settled(tx, number)
    assert (await account(tx, order_number)).owed == Decimal("9.99")


async def test_what_is_not_there_is_promised_to_no_exchange(tx: Tx):
    _, [(_, line_id)] = await sold(tx)
    number = await asked(tx, line_id, 1, Wish.EXCHANGE)
    await came(tx, number, line_id, 1)
    for swap, error in ((Swap("CUP", 3), OutOfStockError), (Swap("NONE", 1), NotFoundError)):
        nested = await tx.begin_nested()
        with pytest.raises(error):
            await settled(tx, number, swaps=[swap])
        await nested.rollback()
    assert (await now(tx, number)).state is State.INSPECTED


async def test_nothing_goes_back_where_a_person_says_so(tx: Tx):
    _, [(order_number, line_id)] = await sold(tx)
    number = await asked(tx, line_id)
    await came(tx, number, line_id, what=SCRAP)
    await settled(tx, number, amount=Decimal(0), reason="worn")
    assert (await now(tx, number)).state is State.SETTLED
    assert (await account(tx, order_number)).owed == 0


WRONG: Mapping[str, Mapping[str, object]] = {
    "more units than came back": {"units": lambda line_id: {line_id: 3}},
    "more money than was paid": {"amount": Decimal(30)},
    "a fraction of a coin": {"amount": Decimal("0.001")},
    "shipping that nobody paid": {"shipping": Decimal(1)},
    "another RMA": {"rma": 9999},
}


async def test_a_settlement_that_cannot_be_is_refused(tx: Tx):
    _, [(order_number, line_id)] = await sold(tx)
    number = await asked(tx, line_id)
    await came(tx, number, line_id)
    for wrong in WRONG.values():
        more = {name: each(line_id) if callable(each) else each for name, each in wrong.items()}
        nested = await tx.begin_nested()
        with pytest.raises(HubError):
            await settled(tx, number, **more)
        await nested.rollback()
    assert (await account(tx, order_number)).to_go_back == 0


async def test_a_settlement_reads_what_was_charged_and_refunded_once(tx: Tx):
    _, [(_, line_id)] = await sold(tx)
    number = await asked(tx, line_id)
    await came(tx, number, line_id)
    with statements(tx) as seen:
        await settle(tx, VAULT, [Settlement(uuid7(), number)], actor="ada", at=NOON)
    asks = ("SELECT id FROM refunds", "AS shipping_refunded")
    assert [sum(words in each for each in seen) for words in asks] == [1, 1]


async def test_a_hundred_returns_ask_as_often_as_one(tx: Tx):
    _, made = await sold(tx, 101)
    counts = []
    for batch in (made[:1], made[1:]):
        with statements(tx) as seen:
            wanted = [Request(uuid7(), [Asked(line_id, 1)]) for _, line_id in batch]
            numbers = await ask_returns(tx, wanted, actor="ada", at=NOON)
            await decide_returns(tx, numbers, Step.APPROVE, actor="ada", at=NOON)
            pairs = list(zip(numbers, (line_id for _, line_id in batch), strict=True))
            arrivals = [Arrival(uuid7(), number, line_id, 1) for number, line_id in pairs]
            await receive(tx, arrivals, actor="ada", at=NOON)
            await inspect(tx, [Decision(each.id, RESTOCK, MAIN) for each in arrivals], actor="ada", at=NOON)
            await settle(tx, VAULT, [Settlement(uuid7(), each) for each in numbers], actor="ada", at=NOON)
        counts.append(len(seen))
    assert counts[0] == counts[1]
